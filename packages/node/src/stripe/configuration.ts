/** `_configuration`: what Slingr's scripts read of an endpoint, without anything secret. */
import type { PageConfig } from '../page-config.ts'

export interface StripeConfiguration {
  /** Throws an Error that says what to do while the server has not been asked yet. */
  readonly publishableKey: string
  readonly mode: PageConfig['mode'] | null
  readonly livemode: boolean | null
  /** Lower case. */
  readonly currency: string | null
  /** Where Stripe sends its webhooks, when `url` is the public address; once as Slingr's endpoint spells it, once as its package. */
  readonly webhook: string
  readonly webhookUrl: string
  /** The server checks them always. */
  readonly checkWebhooksSign: true
  readonly checkWebhooksSignature: true
  readonly stripeBaseUrl: string
  readonly maxRetries: number
  readonly maxConcurrentCalls: number
  toJSON(): Readonly<Record<string, unknown>>
}

export interface ConfigurationFacts {
  /** The server's address, without a slash at the end. */
  readonly base: string
  readonly passthrough: string
  readonly maxRetries: number
  readonly maxConcurrentCalls: number
  /** null until loaded. */
  loaded(): PageConfig | null
}

/** Frozen; its values appear when they are known. */
export function createConfiguration(facts: ConfigurationFacts): StripeConfiguration {
  const { base, loaded } = facts
  const fixed = {
    webhook: `${base}/webhooks/stripe`,
    webhookUrl: `${base}/webhooks/stripe`,
    checkWebhooksSign: true,
    checkWebhooksSignature: true,
    stripeBaseUrl: `${base}${facts.passthrough}`,
    maxRetries: facts.maxRetries,
    maxConcurrentCalls: facts.maxConcurrentCalls,
  } as const
  return Object.freeze({
    ...fixed,
    get publishableKey() {
      const config = loaded()
      if (config !== null) return config.publishable_key
      throw new Error(
        'The publishable key is not known yet: run `await tollbridge.ready()` when the process starts, or any call of stripe before.',
      )
    },
    get mode() {
      return loaded()?.mode ?? null
    },
    get livemode() {
      return loaded()?.livemode ?? null
    },
    get currency() {
      return loaded()?.currency ?? null
    },
    toJSON() {
      const config = loaded()
      return {
        publishableKey: config?.publishable_key ?? null,
        mode: config?.mode ?? null,
        livemode: config?.livemode ?? null,
        currency: config?.currency ?? null,
        ...fixed,
      }
    },
  })
}
