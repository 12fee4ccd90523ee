/** What a payment costs: the decision of the app's price policy. */
import { findCurrency } from '@tollbridge/protocol'
import type { AppId, Principal } from '../access/principal.ts'
import { ServiceError } from '../errors.ts'
import type { AppMode } from '../store/app-store.ts'
import type { PriceStore } from '../store/price-store.ts'
import { addUpItems, type OrderedItem, type SoldItem } from './add-up-items.ts'
import { checkAmount, requireCurrency } from './check-amount.ts'
import type { PricePolicy, ReadPricePolicy } from './price-policy.ts'
import { issueOf, openQuote, type QuoteClaims } from './quote.ts'
import type { QuoteKeys } from './quote-keys.ts'
import { type SignedTerms, signedTermsOf } from './quote-terms.ts'

/** What the caller says about the price; which of it counts is decided here. */
export interface PriceRequest {
  readonly appId: AppId
  readonly role: Principal['role']
  readonly orderId: string | null
  /** Minor units, a positive whole number. */
  readonly amount: number | null
  /** Lowercase ISO code. */
  readonly currency: string | null
  readonly items: readonly OrderedItem[] | null
  /** Compact JWS. */
  readonly quote: string | null
}

export interface Price {
  /** Minor units. */
  readonly amount: number
  /** Lowercase ISO code. */
  readonly currency: string
  readonly source: 'open' | 'quote' | 'catalog'
  /** The request's own, or the one that the quote names. */
  readonly orderId: string | null
  /**
   * Its place in the order of issue, where the app's own server said it: the greater is the newer. null: it has none,
   * and is older than any that has one.
   */
  readonly issued: number | null
  /** What was priced; null: only a sum. */
  readonly items: readonly SoldItem[] | null
  /** Whether whoever asks may ask for a hold. */
  readonly mayHold: boolean
  readonly quote: {
    /** Its `jti`. */
    readonly id: string
    /** It was used in time, and has ended since: it may repeat what it did, and changes nothing. */
    readonly isExpired: boolean
    /** What it says beside the price. */
    readonly terms: SignedTerms
  } | null
}

export interface DecidePriceDeps {
  readonly prices: Pick<PriceStore, 'findItems' | 'useQuote' | 'nextIssue'>
  readonly readPolicy: ReadPricePolicy
  readonly quoteKeys: Pick<QuoteKeys, 'current'>
  modeOf(appId: AppId): AppMode
  /** The currency of a payment that names none. */
  currencyFor(appId: AppId): string
  now(): number
}

export type DecidePrice = (request: PriceRequest) => Promise<Price>

/** A quote used in time is good for its order for so long past its end: a repeat of a lost answer is no new price. */
export const REPEAT_MS = 24 * 3_600_000

/** Asked again for the same order it gives the same answer, unless policy or catalog were changed in between. */
export function createDecidePrice(deps: DecidePriceDeps): DecidePrice {
  return async (request) => {
    const policy = await deps.readPolicy(request.appId)
    if (request.quote !== null && request.items !== null) {
      throw new ServiceError('parameter_invalid', {
        message: 'Send either quote or items, not both; the quote has its price already.',
        param: 'items',
      })
    }
    if (request.quote !== null) return priceOfQuote(deps, policy, request, request.quote)
    if (request.items !== null) return priceOfItems(deps, policy, request, request.items)
    return priceAsNamed(deps, policy, request)
  }
}

async function priceOfQuote(
  deps: DecidePriceDeps,
  policy: PricePolicy,
  request: PriceRequest,
  quote: string,
): Promise<Price> {
  const now = deps.now()
  const claims = await openQuote(quote, request.appId, await deps.quoteKeys.current(request.appId), now)
  const { amount, currency, order_id: orderId, jti: id, items } = claims
  if (now >= claims.exp * 1000 + REPEAT_MS) throw expiredQuote()
  assertSame(request, { amount, currency, orderId })
  checkAmount(amount, requireCurrency(currency), policy.currencies)
  await bindToOrder(deps, request.appId, claims, now)
  return {
    amount,
    currency,
    source: 'quote',
    orderId,
    issued: issueOf(claims),
    items: items?.map((item) => ({ ...item, unit_amount: item.unit_amount ?? null })) ?? null,
    mayHold: mayHold(policy, request),
    quote: { id, isExpired: now >= claims.exp * 1000, terms: signedTermsOf(claims) },
  }
}

async function bindToOrder(
  { prices }: DecidePriceDeps,
  appId: AppId,
  { jti, order_id, exp }: QuoteClaims,
  now: number,
): Promise<void> {
  const endsAt = exp * 1000
  const first = await prices.useQuote({
    appId,
    quoteId: jti,
    orderId: order_id,
    usedAt: now,
    forgetAt: Math.ceil(endsAt + REPEAT_MS),
  })
  if (first.orderId !== order_id) {
    throw new ServiceError('quote_used', {
      message:
        'The quote was used for another order; a quote is good for one. Ask the app’s server for a new one.',
      param: 'quote',
    })
  }
  if (first.usedAt >= endsAt) throw expiredQuote()
}

async function priceOfItems(
  deps: DecidePriceDeps,
  policy: PricePolicy,
  request: PriceRequest,
  ordered: readonly OrderedItem[],
): Promise<Price> {
  if (policy.policy === 'quote' && request.role !== 'server') throw refuseSource(policy, 'items')
  const currency = requireCurrency(request.currency ?? deps.currencyFor(request.appId))
  const catalog = await deps.prices.findItems(
    request.appId,
    ordered.map(({ id }) => id),
  )
  const { amount, items } = addUpItems(ordered, catalog, currency)
  // A page that shows an old price learns it before its payer pays another one.
  assertSame(request, { amount, currency: currency.code, orderId: request.orderId })
  checkAmount(amount, currency, policy.currencies, 'items')
  return {
    amount,
    currency: currency.code,
    source: 'catalog',
    orderId: request.orderId,
    issued: await issueNow(deps, request),
    items,
    mayHold: mayHold(policy, request),
    quote: null,
  }
}

async function priceAsNamed(
  deps: DecidePriceDeps,
  policy: PricePolicy,
  request: PriceRequest,
): Promise<Price> {
  const { appId, role, amount, currency: code, orderId } = request
  // The app's own server is who would sign a quote, so it may as well name the amount.
  if (role !== 'server') {
    if (policy.policy !== 'open') throw refuseSource(policy, 'amount')
    if (deps.modeOf(appId) === 'live' && !policy.allowOpen) throw refuseOpen()
  }
  if (amount === null) {
    throw new ServiceError('parameter_missing', {
      message: 'The field amount is missing: send a whole number of minor units, such as 1999 for 19.99.',
      param: 'amount',
    })
  }
  const currency = requireCurrency(code ?? deps.currencyFor(appId))
  checkAmount(amount, currency, policy.currencies)
  return {
    amount,
    currency: currency.code,
    source: 'open',
    orderId,
    issued: await issueNow(deps, request),
    items: null,
    mayHold: mayHold(policy, request),
    quote: null,
  }
}

/** What the app's own server says of an order is its newest word, newer than every quote that it has signed. */
async function issueNow(
  { prices, now }: DecidePriceDeps,
  { appId, role, orderId }: PriceRequest,
): Promise<number | null> {
  return role === 'server' && orderId !== null ? prices.nextIssue(appId, now()) : null
}

function mayHold({ allowClientCapture }: PricePolicy, { role }: PriceRequest): boolean {
  return role === 'server' || allowClientCapture
}

/** What the caller names beside a quote or items must be what they come to. */
function assertSame(request: PriceRequest, decided: Pick<Price, 'amount' | 'currency' | 'orderId'>): void {
  const shown = (amount: number) => `${amount} minor units of ${decided.currency}`
  const refuse = (param: string, message: string) => new ServiceError('price_mismatch', { message, param })
  if (request.currency !== null && request.currency !== decided.currency) {
    const known = findCurrency(request.currency)?.code ?? 'another currency'
    throw refuse('currency', `The price is in ${decided.currency}, but the field currency names ${known}.`)
  }
  if (request.amount !== null && request.amount !== decided.amount) {
    throw refuse(
      'amount',
      `The price is ${shown(decided.amount)}, but the field amount names ${request.amount}.`,
    )
  }
  if (request.orderId !== null && request.orderId !== decided.orderId) {
    throw refuse('order_id', 'The quote is for another order than the field order_id names.')
  }
}

function refuseSource({ policy }: PricePolicy, param: 'amount' | 'items'): ServiceError {
  const instead =
    policy === 'quote'
      ? 'send the field quote, a price that the app’s own server has signed (POST /v1/quotes)'
      : 'send the field items, such as [{"id": "tea", "quantity": 2}], and the server adds them up'
  return new ServiceError('price_source_refused', {
    message: `The price policy of this app is ${policy}, so it takes no ${param} from a client: ${instead}.`,
    param,
  })
}

function refuseOpen(): ServiceError {
  return new ServiceError('open_prices_refused', {
    message:
      'This live app takes no amounts from clients. Its operator chooses the price policy quote or catalog (POST /v1/admin/price_policy), or allows open prices (allow_open there, or ALLOW_OPEN_PRICES=true); a server key may name an amount at any time.',
    param: 'amount',
  })
}

function expiredQuote(): ServiceError {
  return new ServiceError('quote_expired', {
    message: 'The quote has expired. Ask the app’s server for a new one.',
    param: 'quote',
  })
}
