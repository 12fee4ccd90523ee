/** What a page says of a price, and of a payment, in the server's words. */

export interface PriceWords {
  /** Minor units: 1999 is 19.99 dollars, 1999 yen. */
  readonly amount?: number | undefined
  /** Ids of the app's catalog; the server adds them up. */
  readonly items?: readonly { readonly id: string; readonly quantity?: number }[] | undefined
  /** A price that the app's own server signed. */
  readonly quote?: string | undefined
  /** ISO code; the app's own unless named. */
  readonly currency?: string | undefined
}

export interface PaymentWords extends PriceWords {
  /** What is paid. An order is charged once, whatever happens; without one, each call is a payment of its own. */
  readonly orderId?: string | undefined
  readonly description?: string | undefined
  readonly receiptEmail?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

export function priceBody({ amount, items, quote, currency }: PriceWords): Record<string, unknown> {
  return { amount, items, quote, currency }
}

/** Fields that are undefined do not travel. */
export function paymentBody(words: PaymentWords): Record<string, unknown> {
  const { orderId, description, receiptEmail, metadata } = words
  return { order_id: orderId, ...priceBody(words), description, receipt_email: receiptEmail, metadata }
}
