/** Takes in the payments that Stripe has and our rows may lack: after a restore, and until gap repair has compared. */
import { ORDER_ID_METADATA } from '../../stripe/event-facts.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { LATEST_CHARGE } from '../terms/intent-params.ts'
import { eachInPages } from './list-pages.ts'
import type { TakeInPayment } from './take-in-payment.ts'

export interface CatchUpDeps {
  readonly takeIn: TakeInPayment
  stripeFor(appId: string): Pick<StripeGateway, 'listPaymentIntents'>
  readonly rowsBehind: RowsBehind
}

/** Where the rows may lack what happened at Stripe. */
export interface RowsBehind {
  /** Since when, in seconds of Stripe's time; null: nowhere. */
  since(appId: string): Promise<number | null>
}

/** How far Stripe's machines may be from each other. */
const SKEW_SECONDS = 600

/** Once for all who wait; throws what the gateway throws while Stripe cannot be asked. */
export function createCatchUp({ takeIn, stripeFor, rowsBehind }: CatchUpDeps) {
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
        if (intent.metadata[ORDER_ID_METADATA] !== undefined) await takeIn({ appId, account }, intent)
      },
    )
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
