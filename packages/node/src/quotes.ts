/** Whole deals that the app's own server signs, so that a page cannot change them: the price, and how it is paid. */
import type { Quote } from './answers.ts'
import type { OrderedItem } from './payments.ts'
import type { CallOptions } from './server-api.ts'
import type { V1Client } from './v1-client.ts'

export interface QuotedItem extends OrderedItem {
  /** Beside an `amount` of your own: the price of one, in minor units, as it is then listed. */
  readonly unitAmount?: number
}

export interface QuoteFields {
  readonly orderId: string
  /** Minor units. Without it the items are added up. */
  readonly amount?: number
  readonly items?: readonly QuotedItem[]
  /** The app's own unless named. */
  readonly currency?: string
  /** Seconds: 10 to 2592000, 900 unless named. */
  readonly expiresIn?: number
  /** `manual` holds the money until it is captured. */
  readonly captureMethod?: 'automatic' | 'manual'
  /** `cus_…`: who pays. */
  readonly customer?: string
  /** Keeps the card with `customer`. */
  readonly saveCard?: 'on_session' | 'off_session'
  readonly description?: string
  readonly receiptEmail?: string
  readonly metadata?: Readonly<Record<string, string>>
}

export interface Quotes {
  /**
   * Each quote is newer than those that were signed before it, and an older one never replaces a newer one.
   * @returns the deal, with `quote`, which the page sends in place of an amount
   */
  sign(fields: QuoteFields, options?: CallOptions): Promise<Quote>
}

export function createQuotes(client: V1Client): Quotes {
  return {
    sign: async ({ items, ...fields }, options) =>
      client.post('/v1/quotes', { ...fields, items: items?.map(withQuantity) }, options),
  }
}

function withQuantity({ id, quantity = 1, unitAmount }: QuotedItem) {
  return { id, quantity, unit_amount: unitAmount }
}
