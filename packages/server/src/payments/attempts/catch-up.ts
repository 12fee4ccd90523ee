/** Takes in the payments that Stripe has and our rows may lack: after a restore, and until gap repair has compared. */
import type { Stripe } from 'stripe'
import type { Clock } from '../../clock.ts'
import type { PaymentId } from '../../payment-state/payment-id.ts'
import { paymentSnapshot } from '../../payment-state/snapshot.ts'
import type { PaymentStore } from '../../store/payment-store.ts'
import { ATTEMPT_METADATA, ORDER_ID_METADATA } from '../../stripe/event-facts.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { LATEST_CHARGE } from '../terms/intent-params.ts'
import { eachInPages } from './list-pages.ts'

export interface CatchUpDeps {
  readonly stored: Pick<PaymentStore, 'find' | 'settle'>
  stripeFor(appId: string): Pick<StripeGateway, 'listPaymentIntents'>
  readonly rowsBehind: RowsBehind
  readonly clock: Clock
}

/** Where the rows may lack what happened at Stripe. */
export interface RowsBehind {
  /** Since when, in seconds of Stripe's time; null: nowhere. */
  since(appId: string): Promise<number | null>
}

/** How far Stripe's machines may be from each other. */
const SKEW_SECONDS = 600
const METADATA_KEYS = { orderId: ORDER_ID_METADATA, attempt: ATTEMPT_METADATA }

/** Once for all who wait; throws what the gateway throws while Stripe cannot be asked. */
export function createCatchUp({ stored, stripeFor, rowsBehind, clock }: CatchUpDeps) {
  const done = new Map<string, number>()
  const running = new Map<string, Promise<void>>()

  async function compare(appId: string, account: string, since: number): Promise<void> {
    const on = { account: account === '' ? null : account }
    const window = {
      created: { gte: since - SKEW_SECONDS },
      expand: LATEST_CHARGE.map((name) => `data.${name}`),
    }
    await eachInPages(
      (place) => stripeFor(appId).listPaymentIntents({ ...window, ...place }, on),
      async (intent) => {
        if (intent.metadata[ORDER_ID_METADATA] !== undefined) await takeIn(appId, account, intent)
      },
    )
  }

  async function takeIn(appId: string, account: string, intent: Stripe.PaymentIntent): Promise<void> {
    const known = await stored.find(appId, intent.id)
    const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : null
    const parts = [intent, charge].map((object) =>
      paymentSnapshot({ object, at: 0, isBeginning: false }, METADATA_KEYS),
    )
    const reading = {
      paymentId: intent.id as PaymentId,
      account: account === '' ? null : account,
      basis: known?.evidence ?? null,
      parts: parts.filter((part) => part !== null),
      amountRefunded: charge?.amount_refunded ?? 0,
    }
    await stored.settle(appId, reading, clock.now())
  }

  return async (appId: string, account: string): Promise<void> => {
    const since = await rowsBehind.since(appId)
    const key = JSON.stringify([appId, account])
    if (since === null || (done.get(key) ?? Number.POSITIVE_INFINITY) <= since) return
    const work =
      running.get(key) ??
      compare(appId, account, since)
        .then(() => void done.set(key, since))
        .finally(() => running.delete(key))
    running.set(key, work)
    await work
  }
}
