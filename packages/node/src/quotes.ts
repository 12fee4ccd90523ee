/** Prices that the app's own server signs, so that a page cannot change them. */
import type { Quote } from './answers.ts'
import type { OrderedItem } from './payments.ts'
import type { CallOptions } from './server-api.ts'
import type { V1Client } from './v1-client.ts'

export interface QuoteFields {
  readonly orderId: string
  /** Minor units. Without it the items are added up. */
  readonly amount?: number
  readonly items?: readonly OrderedItem[]
  /** The app's own unless named. */
  readonly currency?: string
  /** Seconds: 10 to 2592000, 900 unless named. */
  readonly expiresIn?: number
}

export interface Quotes {
  /** @returns the price, with `quote`, which the page sends in place of an amount */
  sign(fields: QuoteFields, options?: CallOptions): Promise<Quote>
}

export function createQuotes(client: V1Client): Quotes {
  return {
    sign: async ({ items, ...fields }, options) =>
      client.post('/v1/quotes', { ...fields, items: items?.map(withQuantity) }, options),
  }
}

function withQuantity({ id, quantity = 1 }: OrderedItem): OrderedItem {
  return { id, quantity }
}
