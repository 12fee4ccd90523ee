/** Lists that go on by themselves. */

/** One page, as the server gives it. */
export interface Page<T> {
  readonly object: 'list'
  readonly url: string
  readonly has_more: boolean
  readonly data: readonly T[]
}

/** Await it for the first page; iterate over it for all. */
export interface List<T> extends Promise<Page<T>>, AsyncIterable<T> {
  /** @param options limit: at most so many */
  toArray(options: { readonly limit: number }): Promise<T[]>
}

/**
 * @param fetchPage the page behind an entry; undefined: the first. Called once for the first page, however it is used,
 * and not before somebody wants it.
 */
export function createList<T>(fetchPage: (last: T | undefined) => Promise<Page<T>>): List<T> {
  let first: Promise<Page<T>> | null = null
  const firstPage = () => {
    first ??= fetchPage(undefined)
    return first
  }

  async function* all(): AsyncGenerator<T, void, undefined> {
    for (let page = await firstPage(); ; page = await fetchPage(page.data.at(-1))) {
      yield* page.data
      if (!page.has_more || page.data.length === 0) return
    }
  }

  return {
    // biome-ignore lint/suspicious/noThenProperty: a list is awaited for its first page, as in Stripe's own SDK.
    then: (onPage, onError) => firstPage().then(onPage, onError),
    catch: (onError) => firstPage().catch(onError),
    finally: (onEnd) => firstPage().finally(onEnd),
    [Symbol.toStringTag]: 'List',
    [Symbol.asyncIterator]: all,
    async toArray({ limit }) {
      if (!Number.isSafeInteger(limit) || limit < 1)
        throw new TypeError('limit must be a whole number above 0.')
      const found: T[] = []
      for await (const it of all()) {
        found.push(it)
        if (found.length === limit) break
      }
      return found
    },
  }
}
