/** Are the keys good, of one mode, allowed what is needed; and does our clock agree with Stripe's. */
import type { AppRecord } from '../../store/app-store.ts'
import type { Greeting, StripeAccount } from '../../stripe/stripe-account.ts'
import { describePermissions } from '../check-account.ts'
import { publishableKeyMode, secretKeyMode } from '../key-form.ts'
import { type Check, fail, ok, warn } from './check.ts'

/** Pure: what the first call to Stripe says about the key and the account. */
export function judgeGreeting(greeting: Greeting, app: AppRecord): Check {
  if (greeting.outcome === 'key_rejected') {
    return fail(
      'stripe_key',
      'Stripe does not accept the secret key: it was rolled, deleted or mistyped. No payment works.',
      'Copy the key from the Stripe dashboard (Developers, API keys) and activate the app again with it.',
    )
  }
  if (greeting.outcome === 'unreachable') {
    if (app.mode === 'sandbox') {
      return fail(
        'stripe_key',
        'The local Stripe cannot be reached: it runs inside the server.',
        'Start the server, then run the doctor again.',
      )
    }
    return fail(
      'stripe_key',
      `Stripe cannot be reached. ${greeting.reason}`,
      'Check the network, the proxy and the firewall of this machine; status.stripe.com tells about Stripe.',
    )
  }
  const { accountId } = greeting
  if (accountId !== null && app.stripeAccountId !== null && accountId !== app.stripeAccountId) {
    return fail(
      'stripe_key',
      `The key belongs to the Stripe account ${accountId}, and the app was activated with ${app.stripeAccountId}.`,
      'Put the key of the right account back, or make another app for the other account.',
    )
  }
  return ok(
    'stripe_key',
    accountId === null ? 'Stripe accepts the key.' : `Stripe accepts the key of ${accountId}.`,
  )
}

/** Pure: do the keys and the app mean one mode. A sandbox app holds test keys. */
export function judgeMode(app: AppRecord, secretKey: string, publishableKey: string | null): Check {
  const wanted = app.mode === 'live' ? 'live' : 'test'
  const modes = { 'secret key': secretKeyMode(secretKey) }
  const all: Record<string, string | null> =
    publishableKey === null ? modes : { ...modes, 'publishable key': publishableKeyMode(publishableKey) }
  const wrong = Object.entries(all).filter(([, mode]) => mode !== wanted)
  if (wrong.length === 0) return ok('mode', `The keys are ${wanted} keys, as the app is.`)
  return fail(
    'mode',
    `The app is a ${app.mode} app, and its ${wrong.map(([what]) => what).join(' and ')} is not a ${wanted} key.`,
    `Activate the app with keys of ${wanted} mode, or make another app for the other mode.`,
  )
}

export async function checkPublishableKey(
  account: Pick<StripeAccount, 'publishableKeyWorks'>,
  publishableKey: string | null,
): Promise<Check> {
  if (publishableKey === null) {
    return warn(
      'publishable_key',
      'The app has no publishable key, so pages cannot collect cards through it.',
      'Activate the app with its publishable key (pk_…).',
    )
  }
  if (await account.publishableKeyWorks(publishableKey)) {
    return ok('publishable_key', 'Stripe accepts the publishable key.')
  }
  return fail(
    'publishable_key',
    'Stripe does not accept the publishable key: pages cannot collect cards.',
    'Copy it from the Stripe dashboard and activate the app again with it.',
  )
}

export async function checkPermissions(account: Pick<StripeAccount, 'missingPermissions'>): Promise<Check> {
  const missing = await account.missingPermissions()
  if (missing.length === 0) return ok('permissions', 'The key may do all that Tollbridge does.')
  return fail(
    'permissions',
    `The restricted key lacks ${describePermissions(missing)}.`,
    'Edit the key in the Stripe dashboard (Developers, API keys) and give it these permissions.',
  )
}

/** Stripe's header counts in seconds, and the answer was under way. */
const NOTICEABLE_MS = 30_000

/** Pure: @param ourTime the middle of the call, milliseconds since the epoch */
export function judgeClock(stripeTime: number | null, ourTime: number, toleranceSeconds: number): Check {
  if (stripeTime === null) {
    return warn(
      'clock',
      'Stripe’s answer carries no time, so the clock was not compared.',
      'See whether a proxy takes the header Date out of answers.',
    )
  }
  const skew = ourTime - stripeTime
  const seconds = Math.round(Math.abs(skew) / 1000)
  if (Math.abs(skew) < NOTICEABLE_MS) return ok('clock', 'The clock agrees with Stripe’s.')
  const message = `The clock of this machine is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} Stripe’s.`
  const fix = 'Synchronise the clock (NTP): timedatectl set-ntp true, or the clock settings of the host.'
  return Math.abs(skew) < toleranceSeconds * 1000
    ? warn('clock', message, fix)
    : fail('clock', `${message} Signatures of webhooks look too old or too new, and are refused.`, fix)
}
