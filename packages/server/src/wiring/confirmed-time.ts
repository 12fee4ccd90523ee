/** The time, as far as Stripe confirms it: nothing is deleted because a clock jumped. */
import type { Clock } from '../clock.ts'
import type { StripeGateway } from '../stripe/stripe-gateway.ts'

export interface ConfirmedTimeDeps {
  /** The apps whose Stripe can be asked. */
  appIds(): readonly string[]
  stripeFor(appId: string): Pick<StripeGateway, 'time' | 'listEvents'>
  readonly clock: Clock
}

/**
 * @param mayAsk whether Stripe is asked where it has not told its time since the start
 * @returns milliseconds since the epoch, never ahead of Stripe; null: nothing confirms it now
 */
export type ConfirmedTime = (mayAsk: boolean) => Promise<number | null>

export function createConfirmedTime({ appIds, stripeFor, clock }: ConfirmedTimeDeps): ConfirmedTime {
  async function timeOf(appId: string, mayAsk: boolean): Promise<number | null> {
    try {
      const stripe = stripeFor(appId)
      if (mayAsk && stripe.time.now() === null) await stripe.listEvents({ limit: 1 }).catch(() => undefined)
      return stripe.time.now()
    } catch {
      // An app whose keys cannot be read confirms nothing.
      return null
    }
  }
  return async (mayAsk) => {
    const all = appIds()
    // Where no app has a Stripe there is nothing that a clock could do harm to.
    if (all.length === 0) return clock.now()
    for (const appId of all) {
      const time = await timeOf(appId, mayAsk)
      if (time !== null) return Math.min(time, clock.now())
    }
    return null
  }
}

/** How far the clock of this machine is ahead of an app's Stripe, in milliseconds; null: nobody knows. */
export function skewOf(
  stripeFor: (appId: string) => Pick<StripeGateway, 'time'>,
  appId: string,
): number | null {
  try {
    return stripeFor(appId).time.skewMs()
  } catch {
    return null
  }
}
