/** One Stripe object for each publishable key, shared by all that the page does. */
import type { Stripe, StripeElementLocale } from '@stripe/stripe-js'
import type { PageConfig } from '../page-config.ts'
import { loadStripeJs } from './load-stripe-js.ts'

export interface StripeInstancesOptions {
  readonly ready: () => Promise<PageConfig>
  /** In place of the server's word. */
  readonly stripeJsUrl?: string | undefined
  /** Whether the server can be asked: without a key it would only refuse. */
  readonly canAsk: boolean
  readonly locale?: string | undefined
}

const DEFAULT_URL = 'https://js.stripe.com/endive/stripe.js'
/** Of the whole page: a second object for a key would load its frames again. */
const instances = new Map<string, Promise<Stripe>>()

/** @returns a function of the publishable key, absent the app's own, and of a connected account. @throws TollbridgeError */
export function createStripeInstances(options: StripeInstancesOptions) {
  const { ready, stripeJsUrl, canAsk, locale } = options
  return async (publicKey?: string | null, stripeAccount?: string): Promise<Stripe> => {
    const config = (publicKey && stripeJsUrl) || (publicKey && !canAsk) ? null : await ready()
    const key = publicKey || (config?.publishable_key ?? '')
    const url = stripeJsUrl ?? config?.stripe_js_url ?? DEFAULT_URL
    const given = {
      ...(locale && { locale: locale as StripeElementLocale }),
      ...(stripeAccount && { stripeAccount }),
    }
    const name = JSON.stringify([url, key, given])
    const known = instances.get(name)
    if (known) return known
    const made = loadStripeJs(url, key, given)
    instances.set(name, made)
    made.catch(() => instances.delete(name))
    return made
  }
}
