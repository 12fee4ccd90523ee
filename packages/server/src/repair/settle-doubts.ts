/**
 * Ends a doubt about an app's rows: brings in what Stripe made since an older state of the database was put back, first
 * the events, then each payment as it is now, with the order that it belongs to.
 */
import type { Stripe } from 'stripe'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { PaymentId } from '../payment-state/payment-id.ts'
import type { Doubt, DoubtStore } from '../store/doubt-store.ts'
import type { PaymentAttemptStore, PaymentOrder } from '../store/payment-attempt-store.ts'
import type { PaymentStore } from '../store/payment-store.ts'
import type { StripeGateway } from '../stripe/stripe-gateway.ts'
import { type PaymentSource, readPayment } from './read-payment.ts'
import { type EventSourceGateway, type RepairEventsDeps, repairEvents } from './repair-events.ts'

export interface SettleDoubtsDeps {
  readonly doubts: Pick<DoubtStore, 'list' | 'settle'>
  readonly payments: Pick<PaymentStore, 'find' | 'settle'>
  readonly attempts: Pick<PaymentAttemptStore, 'adoptOrder' | 'knownAccounts'>
  readonly storeEvent: RepairEventsDeps['storeEvent']
  readonly progress: RepairEventsDeps['progress']
  /** null: the app is disabled or has no account yet, so its doubt waits. */
  appOf(appId: string): { readonly createdAt: number } | null
  stripeFor(appId: string): EventSourceGateway & PaymentSource & Pick<StripeGateway, 'listPaymentIntents'>
  /** The order that an intent was made for by us; null: it is no order of ours. */
  orderOf(appId: string, account: string, intent: Stripe.PaymentIntent): PaymentOrder | null
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'warn'>
}

export interface Settled {
  readonly appId: string
  /** Payments of Stripe that were looked at. */
  readonly compared: number
  readonly events: number
  readonly payments: number
  readonly orders: number
  /** Why the doubt stands still; null: it is over. */
  readonly failure: string | null
}

/**
 * A call while one runs is the same run.
 * @param onProgress told of the payments looked at so far
 */
export type SettleDoubts = (onProgress?: (compared: number) => void) => Promise<readonly Settled[]>

const PAGE = 100

/** Rejects only when the store does. Run again, it finds the same, and brings in nothing twice. */
export function createSettleDoubts(deps: SettleDoubtsDeps): SettleDoubts {
  const { doubts, payments, attempts, clock, log } = deps

  async function settle(doubt: Doubt, onProgress: (compared: number) => void): Promise<Settled | null> {
    const { appId, since } = doubt
    const app = deps.appOf(appId)
    if (app === null) return null
    const counts = { compared: 0, events: 0, payments: 0, orders: 0 }
    try {
      const stripe = deps.stripeFor(appId)
      const { stored } = await repairEvents(
        { appId, appCreatedAt: app.createdAt, now: clock.now(), graceMs: 0 },
        { stripe, storeEvent: deps.storeEvent, progress: deps.progress },
      )
      counts.events = stored
      for (const account of ['', ...(await attempts.knownAccounts(appId))]) {
        const orders = new Map<string, LostOrder>()
        for await (const intent of intentsSince(stripe, since, account)) {
          if (await bringIn(appId, account, intent)) counts.payments += 1
          noteOrder(orders, deps.orderOf(appId, account, intent), intent.status === 'succeeded')
          counts.compared += 1
          onProgress(counts.compared)
        }
        for (const { order } of orders.values()) {
          if ((await attempts.adoptOrder(order)) === 'adopted') counts.orders += 1
        }
      }
    } catch (error) {
      if (!(error instanceof ServiceError) || error.row.type === 'api_error') throw error
      log.warn(
        { appId, code: error.code, since },
        `What was paid since an older database was put back could not be compared with Stripe, and is tried again: ${error.message}`,
      )
      return { appId, ...counts, failure: error.message }
    }
    await doubts.settle(doubt)
    log.warn(
      { ...counts, appId, since, reason: doubt.reason },
      'An older database was put back, and is level with Stripe again',
    )
    return { appId, ...counts, failure: null }
  }

  /** @returns whether it said something new */
  async function bringIn(appId: string, account: string, intent: Stripe.PaymentIntent): Promise<boolean> {
    const known = await payments.find(appId, intent.id)
    if (known?.status === intent.status) return false
    const named = { id: intent.id as PaymentId, account: account === '' ? null : account }
    const source = { ...readsOf(deps.stripeFor(appId)), retrievePaymentIntent: async () => intent }
    const reading = await readPayment(source, { ...named, evidence: known?.evidence ?? null })
    await payments.settle(appId, reading, clock.now())
    return true
  }

  async function settleAll(onProgress: (compared: number) => void): Promise<readonly Settled[]> {
    const settled: Settled[] = []
    for (const doubt of await doubts.list()) {
      const result = await settle(doubt, onProgress)
      if (result !== null) settled.push(result)
    }
    return settled
  }

  let running: Promise<readonly Settled[]> | null = null
  return (onProgress = () => {}) => {
    running ??= settleAll(onProgress).finally(() => {
      running = null
    })
    return running
  }
}

interface LostOrder {
  readonly order: PaymentOrder
  readonly isPaid: boolean
}

/** Newest first: the one that is paid is the order's, else the one that it was begun with. */
function noteOrder(orders: Map<string, LostOrder>, order: PaymentOrder | null, isPaid: boolean): void {
  if (order === null) return
  if (isPaid || orders.get(order.orderId)?.isPaid !== true) orders.set(order.orderId, { order, isPaid })
}

async function* intentsSince(
  stripe: Pick<StripeGateway, 'listPaymentIntents'>,
  since: number,
  account: string,
): AsyncGenerator<Stripe.PaymentIntent> {
  const on = account === '' ? {} : { account }
  let place: { starting_after?: string } = {}
  for (;;) {
    const { data, has_more } = await stripe.listPaymentIntents(
      { created: { gte: since }, limit: PAGE, expand: ['data.latest_charge'], ...place },
      on,
    )
    yield* data
    const last = data.at(-1)
    if (!has_more || last === undefined) return
    place = { starting_after: last.id }
  }
}

function readsOf(stripe: PaymentSource): PaymentSource {
  return {
    retrievePaymentIntent: (...given) => stripe.retrievePaymentIntent(...given),
    retrieveCharge: (...given) => stripe.retrieveCharge(...given),
    listRefunds: (...given) => stripe.listRefunds(...given),
    listDisputes: (...given) => stripe.listDisputes(...given),
  }
}
