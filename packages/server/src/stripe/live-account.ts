/** The Stripe account over the official SDK. */
import { Stripe } from 'stripe'
import { ServiceError } from '../errors.ts'
import { apiAddress } from './api-address.ts'
import { permissionProbes } from './permission-probes.ts'
import type { Greeting, StripeAccount, WebhookEndpoint } from './stripe-account.ts'
import { type StripeWires, trustedWires } from './stripe-connections.ts'
import { createStripeHttpClient } from './stripe-http-client.ts'
import type { StripeTime } from './stripe-time.ts'
import { translateStripeError } from './translate-stripe-error.ts'

export interface LiveAccountOptions {
  readonly secretKey: string
  /** An origin such as `http://127.0.0.1:4243`; null: Stripe's own. */
  readonly apiBase: string | null
  readonly timeoutMs: number
  /** Absent: connections of its own. */
  readonly wires?: StripeWires
  /** Of the Stripe at that address; absent: nobody keeps it. */
  readonly time?: Pick<StripeTime, 'note'>
}

const { StripeAuthenticationError, StripeConnectionError, StripeInvalidRequestError, StripePermissionError } =
  Stripe.errors
const DESCRIPTION = 'Tollbridge'

export function createLiveAccount(options: LiveAccountOptions): StripeAccount {
  const clientOf = (key: string) =>
    new Stripe(key, {
      ...apiAddress(options.apiBase),
      timeout: options.timeoutMs,
      httpClient: createStripeHttpClient(options.wires ?? trustedWires(), options.time),
      maxNetworkRetries: 1,
      telemetry: false,
      appInfo: { name: 'Tollbridge' },
    })
  const stripe = clientOf(options.secretKey)
  const { webhookEndpoints } = stripe

  return {
    apiVersion: Stripe.API_VERSION,

    async greet() {
      try {
        const account = await stripe.accounts.retrieveCurrent()
        return welcome(account.id, account.lastResponse.headers)
      } catch (error) {
        return greetingOf(error)
      }
    },

    async missingPermissions() {
      const lacking = await Promise.all(
        permissionProbes.map(async ({ resource, access, call }) =>
          (await isAllowed(() => call(stripe))) ? [] : [{ resource, access }],
        ),
      )
      return lacking.flat()
    },

    async publishableKeyWorks(publishableKey) {
      const id = 'pi_tollbridgePermissionProbe'
      try {
        await clientOf(publishableKey).paymentIntents.retrieve(id, { client_secret: `${id}_secret_none` })
        return true
      } catch (error) {
        if (error instanceof StripeAuthenticationError) return false
        if (error instanceof StripeInvalidRequestError) return true
        throw translateStripeError(error)
      }
    },

    listEndpoints: () =>
      translated(async () => {
        const found: WebhookEndpoint[] = []
        for await (const endpoint of webhookEndpoints.list({ limit: 100 })) found.push(endpoint)
        return found
      }),

    createEndpoint: ({ url, enabledEvents }) =>
      translated(async () => {
        const endpoint = await webhookEndpoints.create({
          url,
          enabled_events: [...enabledEvents],
          api_version: Stripe.API_VERSION,
          description: DESCRIPTION,
        })
        const { secret } = endpoint
        if (secret !== undefined) return { ...endpoint, secret }
        throw new ServiceError('stripe_failed', {
          message: 'Stripe made the webhook endpoint but showed no signing secret.',
        })
      }),

    updateEndpoint: (id, { url, enabledEvents, disabled }) =>
      translated(() =>
        webhookEndpoints.update(id, {
          ...(url === undefined ? {} : { url }),
          ...(enabledEvents === undefined ? {} : { enabled_events: [...enabledEvents] }),
          ...(disabled === undefined ? {} : { disabled }),
        }),
      ),

    deleteEndpoint: (id) =>
      translated(async () => {
        await webhookEndpoints.del(id)
      }),
  }
}

/** A refusal that comes after the check of the permission says that the key has it. */
async function isAllowed(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call()
    return true
  } catch (error) {
    if (error instanceof StripePermissionError) return false
    if (error instanceof StripeInvalidRequestError) return true
    throw translateStripeError(error)
  }
}

function greetingOf(error: unknown): Greeting {
  if (error instanceof StripePermissionError) return welcome(null, error.headers)
  if (error instanceof StripeAuthenticationError) return { outcome: 'key_rejected' }
  if (error instanceof StripeConnectionError) {
    return { outcome: 'unreachable', reason: 'No connection to Stripe came about.' }
  }
  const translated = translateStripeError(error)
  if (!(translated instanceof ServiceError)) throw translated
  return { outcome: 'unreachable', reason: translated.message }
}

function welcome(accountId: string | null, headers: Readonly<Record<string, unknown>> | undefined): Greeting {
  const time = Date.parse(String(headers?.['date']))
  return { outcome: 'welcome', accountId, stripeTime: Number.isNaN(time) ? null : time }
}

async function translated<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw translateStripeError(error)
  }
}
