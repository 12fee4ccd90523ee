/** Which order a quote speaks for, as a proof that its holder is that order's payer. */
import type { AppId } from '../access/principal.ts'
import { ServiceError } from '../errors.ts'
import type { PriceStore } from '../store/price-store.ts'
import { REPEAT_MS } from './decide-price.ts'
import { openQuote } from './quote.ts'
import type { QuoteKeys } from './quote-keys.ts'

export interface OrderOfQuoteDeps {
  readonly prices: Pick<PriceStore, 'useQuote'>
  readonly quoteKeys: Pick<QuoteKeys, 'current'>
  now(): number
}

/** @returns null for a quote that is not the app's, has expired unused, or was used for another order. */
export type OrderOfQuote = (appId: AppId, quote: string) => Promise<string | null>

export function createOrderOfQuote({ prices, quoteKeys, now }: OrderOfQuoteDeps): OrderOfQuote {
  return async (appId, quote) => {
    const at = now()
    const claims = await openQuote(quote, appId, await quoteKeys.current(appId), at).catch(
      (error: unknown) => {
        if (error instanceof ServiceError && error.code === 'quote_invalid') return null
        throw error
      },
    )
    if (claims === null) return null
    const endsAt = claims.exp * 1000
    if (at < endsAt) return claims.order_id
    if (at >= endsAt + REPEAT_MS) return null
    // Who used it in time may come back with it for a while, as for its price.
    const { jti: quoteId, order_id: orderId } = claims
    const forgetAt = Math.ceil(endsAt + REPEAT_MS)
    const first = await prices.useQuote({ appId, quoteId, orderId, usedAt: at, forgetAt })
    return first.orderId === orderId && first.usedAt < endsAt ? orderId : null
  }
}
