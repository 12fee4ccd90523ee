/** Decides from the Authorization header who calls, and refuses live keys. */
import { StripeError } from './stripe-error.ts'

export type KeyKind = 'secret' | 'publishable'

const unauthorized = (message: string, code?: string): StripeError =>
  new StripeError(401, { type: 'invalid_request_error', message, ...(code && { code }) })

/**
 * Accepts `sk_test_…` and `rk_test_…` as secret and `pk_test_…` as publishable, by Bearer or Basic.
 * @throws StripeError 401 otherwise; never repeats the key.
 */
export function authenticate(authorization: string | undefined): KeyKind {
  const key = keyOf(authorization)
  if (key === undefined) {
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
    )
  }
  if (/^[srp]k_live_/.test(key)) {
    throw unauthorized(
      'This is a local sandbox, not Stripe. A live key must never be sent to it: use a key that starts with sk_test_ or pk_test_, and roll the live key if this address is not your own machine.',
    )
  }
  if (/^[sr]k_test_\w+$/.test(key)) return 'secret'
  if (/^pk_test_\w+$/.test(key)) return 'publishable'
  throw unauthorized(`Invalid API Key provided: ${mask(key)}`)
}

/** @throws StripeError when a publishable key calls what only a secret key may. */
export function requireSecretKey(kind: KeyKind): void {
  if (kind === 'secret') return
  throw unauthorized(
    'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.',
    'secret_key_required',
  )
}

function keyOf(authorization: string | undefined): string | undefined {
  const [scheme = '', credentials = ''] = authorization?.trim().split(/\s+/) ?? []
  if (/^bearer$/i.test(scheme)) return credentials || undefined
  if (!/^basic$/i.test(scheme)) return undefined
  return Buffer.from(credentials, 'base64').toString('utf8').split(':')[0] || undefined
}

function mask(key: string): string {
  return key.length < 12 ? '*'.repeat(key.length) : `${key.slice(0, 8)}${'*'.repeat(8)}${key.slice(-4)}`
}
