/** The price that a payer was shown: a confirmation charges that one, or nothing. */
import { ServiceError } from '../../errors.ts'
import type { PaymentAttempt } from '../../store/payment-attempt-store.ts'

export interface ShownPrice {
  /** Minor units. */
  readonly amount: number
  /** Lowercase ISO code; null: not named, so any. */
  readonly currency: string | null
}

type Price = { readonly amount: number; readonly currency: string }

/** As the row of the confirmation keeps it; the claim compares it with the order's. */
export function shownTerms({ amount, currency }: ShownPrice): Record<string, unknown> {
  return { amount, currency, shown: true }
}

/** What the row of a confirmation says about what its payer was shown; null: nothing. */
export function shownPriceOf({ call, terms }: Pick<PaymentAttempt, 'call' | 'terms'>): ShownPrice | null {
  return call.operation === 'confirm' && terms?.['shown'] === true ? (terms as unknown as ShownPrice) : null
}

export function isAsShown({ amount, currency }: ShownPrice, price: Price): boolean {
  return amount === price.amount && (currency === null || currency === price.currency)
}

/** Throws `price_mismatch`. */
export function assertShown(shown: ShownPrice, price: Price): void {
  if (!isAsShown(shown, price)) throw priceMismatch(price)
}

export function priceMismatch({ amount, currency }: Price): ServiceError {
  return new ServiceError('price_mismatch', {
    message: `The payment is of ${amount} minor units of ${currency} now, not of what the field amount says; nothing was charged. Show the payer the new amount, and confirm that one.`,
    param: 'amount',
    details: { payment_amount: amount, payment_currency: currency },
  })
}
