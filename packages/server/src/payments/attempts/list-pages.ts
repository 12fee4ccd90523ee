/** Walks a list of Stripe's, which comes in pages. */

type Page<T> = (place: { readonly limit: number; readonly starting_after?: string }) => Promise<{
  readonly data: T[]
  readonly has_more: boolean
}>

const PAGE = 100

/** @returns the first that fits, in the order of the list; null: none does. */
export async function findInPages<T extends { readonly id: string }>(
  page: Page<T>,
  isIt: (item: T) => boolean,
): Promise<T | null> {
  let last: string | undefined
  for (;;) {
    const { data, has_more } = await page({
      limit: PAGE,
      ...(last === undefined ? {} : { starting_after: last }),
    })
    const found = data.find(isIt)
    if (found !== undefined) return found
    last = data.at(-1)?.id
    if (!has_more || last === undefined) return null
  }
}

export async function eachInPages<T extends { readonly id: string }>(
  page: Page<T>,
  take: (item: T) => Promise<void>,
): Promise<void> {
  const all: T[] = []
  await findInPages(page, (item) => {
    all.push(item)
    return false
  })
  for (const item of all) await take(item)
}
