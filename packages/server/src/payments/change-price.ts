/** Changes what an unpaid payment costs; the order's terms change in the commit that holds the outcome. */
import type { Stripe } from 'stripe'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { PaymentId } from '../payment-state/payment-id.ts'
import { paymentSnapshot } from '../payment-state/snapshot.ts'
import type { PaymentAttempt, PaymentAttemptStore, PaymentOrder } from '../store/payment-attempt-store.ts'
import type { PaymentStore } from '../store/payment-store.ts'
import { ATTEMPT_METADATA, ORDER_ID_METADATA } from '../stripe/event-facts.ts'
import type { AskerOf } from './asker-of.ts'
import type { AttemptPlan, Performed } from './attempts/attempt-plan.ts'
import { fingerprintOf } from './attempts/fingerprint.ts'
import type { PerformAttempt } from './attempts/perform-attempt.ts'
import { requestKeyOf } from './attempts/request-key.ts'
import type { Caller } from './caller.ts'
import type { Changed } from './change-payment.ts'
import type { LoadIntent } from './load-intent.ts'
import { payerMark } from './payer-keys.ts'
import type { DecidePrice, Price } from './ports.ts'
import { updateParams } from './terms/intent-params.ts'
import { type OrderTerms, setterOf } from './terms/order-terms.ts'
import type { AskedPrice } from './terms/payment-input.ts'
import { assertChangeable, isWrongState, notChangeable } from './terms/price-change-refused.ts'
import { assertReplaces, expired, repriced, superseded } from './terms/reprice.ts'

export interface PriceChange {
  readonly paymentIntentId: string
  readonly asked: AskedPrice
}

/** Throws ServiceError; after an upstream one, repeating the same request is safe. */
export type ChangePrice = (caller: Caller, change: PriceChange) => Promise<Omit<Changed, 'refundId'>>

export interface ChangePriceDeps {
  readonly attempts: Pick<PaymentAttemptStore, 'findOrderByIntent' | 'history'>
  readonly stored: Pick<PaymentStore, 'find' | 'settle'>
  readonly performer: PerformAttempt
  readonly loadIntent: LoadIntent
  readonly decidePrice: DecidePrice
  readonly askerOf: AskerOf
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
}

export function createChangePrice(deps: ChangePriceDeps): ChangePrice {
  const { attempts, stored, performer, loadIntent, decidePrice } = deps

  return async (caller, { paymentIntentId, asked: words }) => {
    const { account, callerKey, clientKey } = caller
    const asker = deps.askerOf(caller)
    const { appId } = caller.principal
    const of = { appId, account, paymentIntentId }
    const order = await attempts.findOrderByIntent(appId, account, paymentIntentId)
    const fingerprint = fingerprintOf({ operation: 'update', paymentIntentId, words })
    const request = {
      appId,
      account,
      fingerprint,
      requestKey: requestKeyOf({ callerKey, clientKey, card: null, fingerprint, movesAgain: false }),
    }
    const known = await stored.find(appId, paymentIntentId)
    const repeated = await performer.repeatOf(request, asker)
    if (repeated !== null && 'attempt' in repeated) return changed(repeated)

    const now = order === null ? await loadIntent(of, paymentIntentId) : null
    // An order whose creation is not settled yet has no row; its PaymentIntent names it all the same.
    const orderId = order?.orderId ?? now?.metadata[ORDER_ID_METADATA] ?? null
    const currency = now?.currency ?? currencyOf(order)
    const asked = { ...words, currency: words.currency ?? (words.quote === null ? currency : null) }
    const price = await decidePrice({ appId, role: caller.principal.role, orderId, ...asked })
    assertSameOrder(price, orderId)
    const before = (order?.terms ?? null) as OrderTerms | null
    const setBy = setterOf(caller.principal.role, price.source)
    const terms = repriced(price, { asked, setBy, before })
    const { quote } = price
    if (quote !== null && quote.id === before?.quote) {
      return { intent: await loadIntent(of, paymentIntentId), orderId, isRepeat: true }
    }
    if (before !== null) assertReplaces(terms, price, before)
    else if (quote?.isExpired) throw expired()
    const plan: AttemptPlan = {
      ...request,
      subject: orderId === null ? `pi:${paymentIntentId}` : `order:${orderId}`,
      orderId,
      terms: { ...terms },
      call: () => ({
        operation: 'update',
        paymentIntent: paymentIntentId,
        params: { ...updateParams(terms, before) },
      }),
      payer: payerMark(caller, price.source),
      replaces: null,
    }
    const performed = await performer
      .perform(plan, asker, {
        // With the row in hand, so that none of our own confirmations is under way.
        async admit() {
          assertChangeable(await loadIntent(of, paymentIntentId))
          if (terms.set_by === 'client') await assertSetByClient(orderId)
        },
        report: async () => {},
      })
      .catch((error: unknown) => {
        throw isWrongState(error) ? notChangeable('has another status by now', error.details) : error
      })
    if ('order' in performed) throw superseded(terms)
    if (!('attempt' in performed)) throw new Error('A change of price charges nobody')
    return changed(performed)

    async function changed({ answer, isRepeat }: Performed): Promise<Omit<Changed, 'refundId'>> {
      const intent = answer?.kind === 'intent' ? answer.intent : await loadIntent(of, paymentIntentId)
      // Done is done, also where it cannot be noted.
      await noteInRow(intent).catch((error: unknown) =>
        deps.log.error({ err: error, payment: intent.id }, 'A new price could not be noted at its payment'),
      )
      return { intent, orderId: order?.orderId ?? intent.metadata[ORDER_ID_METADATA] ?? null, isRepeat }
    }

    /** Stripe sends no event about a new price. */
    async function noteInRow(intent: Stripe.PaymentIntent): Promise<void> {
      const part = paymentSnapshot({ object: intent, at: 0, isBeginning: false }, METADATA_KEYS)
      const reading = {
        paymentId: intent.id as PaymentId,
        account: account === '' ? null : account,
        basis: known?.evidence ?? null,
        parts: part === null ? [] : [part],
        amountRefunded: null,
      }
      await stored.settle(appId, reading, deps.clock.now())
    }

    /** What the app's own server set is not a client's to change: at a creation it could not name another price either. */
    async function assertSetByClient(named: string | null): Promise<void> {
      const current = await attempts.findOrderByIntent(appId, account, paymentIntentId)
      const history = current === null ? await attempts.history(appId, { ...of, orderId: named }) : []
      const present = current === null ? latestPrice(history, paymentIntentId) : current.terms
      if (present?.['set_by'] === 'client') return
      throw new ServiceError('price_source_refused', {
        message:
          'The app’s own server set the price of this payment, so a client changes it only with the field quote, a price that the server has signed (POST /v1/quotes).',
        param: words.items === null ? 'amount' : 'items',
      })
    }
  }
}

const METADATA_KEYS = { orderId: ORDER_ID_METADATA, attempt: ATTEMPT_METADATA }

function currencyOf(order: PaymentOrder | null): string | null {
  const currency = order?.terms['currency']
  return typeof currency === 'string' ? currency : null
}

function assertSameOrder(price: Price, orderId: string | null): void {
  if (price.orderId === orderId) return
  throw new ServiceError('price_mismatch', {
    message: 'The quote is for an order that this payment does not pay.',
    param: 'quote',
  })
}

/** The terms that the newest of our calls gave a payment without an order; null: it was made elsewhere. */
function latestPrice(history: readonly PaymentAttempt[], paymentIntentId: string): PaymentAttempt['terms'] {
  const priced = history.filter(
    ({ call, state, paymentIntentId: of }) =>
      of === paymentIntentId &&
      (call.operation === 'create' ||
        (call.operation === 'update' && state !== 'open' && state !== 'failed')),
  )
  return priced.sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0)).at(-1)?.terms ?? null
}
