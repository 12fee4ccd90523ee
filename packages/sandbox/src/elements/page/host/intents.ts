/** Confirms and reads intents, and does what they ask of the customer. */
import type { ApiClient, ApiObject, ApiResult } from '../shared/api-client.ts'
import { type ClientSecretParts, clientSecretParts } from '../shared/client-secret.ts'
import type { StripeJsError } from '../shared/stripe-js-error.ts'
import { showChallenge } from './challenge-dialog.ts'
import { IntegrationError } from './integration-error.ts'

export type IntentKind = ClientSecretParts['kind']

export interface Intents {
  retrieve(secret: ClientSecret): Promise<ApiResult>
  /** Confirms; then, unless `handleActions` is false, has the customer do what is asked. */
  confirm(secret: ClientSecret, fields: Fields, options?: { handleActions?: boolean }): Promise<ApiResult>
  /** Has the customer do what the intent asks, if it asks for anything. */
  act(intent: ApiObject): Promise<ApiResult>
}

type Fields = Readonly<Record<string, unknown>>

export interface ClientSecret extends ClientSecretParts {
  secret: string
}

/** @throws IntegrationError when the value is no client secret of that kind. */
export function requireClientSecret(
  value: unknown,
  kind: IntentKind | undefined,
  caller: string,
): ClientSecret {
  const parts = clientSecretParts(value)
  if (parts && (kind === undefined || parts.kind === kind)) return { ...parts, secret: value as string }
  const prefix = kind === 'setup_intent' ? 'seti_' : 'pi_'
  throw new IntegrationError(
    `Invalid value for stripe.${caller} intent secret: value should be a client secret of the form ${prefix}…_secret_…. You specified: ${describe(value)}.`,
  )
}

export function createIntents(deps: { api: ApiClient; origin: string; key: string }): Intents {
  const { api, origin, key } = deps

  async function act(intent: ApiObject): Promise<ApiResult> {
    const action = intent['next_action'] as { type: string; redirect_to_url?: { url: string } } | null
    if (intent['status'] !== 'requires_action' || !action) return settled(intent)
    if (action.type === 'redirect_to_url' && action.redirect_to_url)
      return leaveFor(action.redirect_to_url.url)
    if (action.type !== 'use_stripe_sdk') return settled(intent)
    const { object, error } = await showChallenge({ origin, key, intent })
    return error ? { error } : settled(object)
  }
  return {
    act,
    retrieve: ({ kind, id, secret }) => api.get(`/v1/${kind}s/${id}`, { client_secret: secret }),
    async confirm({ kind, id, secret }, fields, { handleActions = true } = {}) {
      const { object, error } = await api.post(`/v1/${kind}s/${id}/confirm`, {
        ...fields,
        client_secret: secret,
        use_stripe_sdk: true,
      })
      if (error) return { error }
      return handleActions ? act(object) : { object }
    },
  }
}

/** An intent that a failed try left open is an error to the page. */
function settled(intent: ApiObject): ApiResult {
  const failure = (intent['last_payment_error'] ?? intent['last_setup_error']) as
    | StripeJsError
    | null
    | undefined
  if (intent['status'] !== 'requires_payment_method' || !failure) return { object: intent }
  return { error: { ...failure, [intent.object]: intent } }
}

/** Leaves the page; what waits for the result goes with it. */
export function leaveFor(url: string): Promise<never> {
  window.location.assign(url)
  return new Promise(() => {})
}

/** The page's `{paymentIntent}`, `{setupIntent}` or `{error}`. */
export function intentResult({ object, error }: ApiResult): Fields {
  if (error) return { error }
  return object.object === 'setup_intent' ? { setupIntent: object } : { paymentIntent: object }
}

function describe(value: unknown): string {
  // A secret that is only of the wrong kind must not be repeated.
  return typeof value === 'string' && value.includes('_secret_')
    ? `${value.split('_secret_')[0]}_secret_…`
    : String(value)
}
