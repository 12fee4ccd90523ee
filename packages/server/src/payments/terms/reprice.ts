/** A price that takes the place of the one an order has: whether it may, and what else changes with it. */
import { ServiceError } from '../../errors.ts'
import { isNewerPrice } from '../../store/order-of-issue.ts'
import type { Price, SignedTerms } from '../ports.ts'
import { type AgreedPrice, priceTerms } from './agreed-terms.ts'
import type { OrderTerms, PriceTerms, Setter } from './order-terms.ts'
import type { AskedPrice } from './payment-input.ts'

export type Repriced = PriceTerms & Partial<SignedTerms>

/** @param before of the order; null: the payment has none, or it is not known yet */
export function repriced(
  price: AgreedPrice,
  {
    asked,
    setBy,
    before,
  }: { readonly asked: AskedPrice; readonly setBy: Setter; readonly before: OrderTerms | null },
): Repriced {
  const { terms = {} } = price.quote ?? {}
  return {
    ...priceTerms({ ...price, issued: placeOf(price, before) }, asked),
    set_by: setBy,
    ...terms,
    ...(terms.metadata === undefined ? {} : { metadata: { ...before?.metadata, ...terms.metadata } }),
  }
}

/** What the server says now is newer than what it has signed by a clock that is ahead. */
function placeOf({ issued, quote }: AgreedPrice, before: OrderTerms | null): number | null {
  const present = before?.issued ?? null
  return quote !== null || issued === null || present === null ? issued : Math.max(issued, present + 1)
}

/**
 * An expired quote changes nothing, an older one never replaces a newer one, and an order keeps its customer, as Stripe
 * has it. Throws `quote_expired`, `quote_superseded` or `price_mismatch`.
 */
export function assertReplaces(next: Repriced, { quote }: Pick<Price, 'quote'>, before: OrderTerms): void {
  if (quote?.isExpired) throw expired()
  if (!isNewerPrice({ ...next }, { ...before })) throw superseded(next)
  if (next.customer === undefined || before.customer === null || next.customer === before.customer) return
  throw new ServiceError('price_mismatch', {
    message: 'The quote names another customer than the order has; an order keeps its customer.',
    param: 'quote',
  })
}

export function expired(): ServiceError {
  return new ServiceError('quote_expired', {
    message: 'The quote has expired, so it changes nothing any more. Ask the app’s server for a new one.',
    param: 'quote',
  })
}

export function superseded({ quote, issued }: Pick<PriceTerms, 'quote' | 'issued'>): ServiceError {
  if (quote === null || quote === undefined) {
    return new ServiceError('price_change_refused', {
      message:
        'A newer price was set at the same time. Read the payment, and set the price again if that is meant.',
    })
  }
  const why =
    issued === null || issued === undefined
      ? 'says nothing of when it was issued (iat, or seq), so it is no newer than the price that the order has'
      : 'is older than the price that the order has'
  return new ServiceError('quote_superseded', {
    message: `The quote ${why}. Ask the app’s server for a new one.`,
    param: 'quote',
  })
}
