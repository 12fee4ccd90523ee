/** Calls of the page to the shop's own server. */

export interface Product {
  readonly id: string
  readonly name: string
  /** Minor units. */
  readonly price: number
}

/** What the cart costs, signed: as `pay` takes it. */
export interface Quote {
  readonly orderId: string
  /** Minor units. */
  readonly amount: number
  readonly currency: string
  readonly quote: string
}

/** Throws an Error with words for the shopper. */
export async function ask<Answer>(route: string, body: object = {}): Promise<Answer> {
  const answer = await fetch(`api/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error('The shop cannot be reached. Check your connection and try again.')
  })
  const said = (await answer.json().catch(() => ({}))) as { readonly error?: { readonly message: string } }
  if (!answer.ok) throw new Error(said.error?.message ?? `The shop answered ${answer.status}.`)
  return said as Answer
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
