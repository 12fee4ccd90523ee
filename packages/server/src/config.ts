/** The settings of the process, read from the environment: parsed, and checked against each other. */
import type { z } from 'zod'
import { chargeSettings } from './settings/charge-settings.ts'
import { clientSettings } from './settings/client-settings.ts'
import { eventSettings } from './settings/event-settings.ts'
import { limitSettings } from './settings/limit-settings.ts'
import { monitoringSettings } from './settings/monitoring-settings.ts'
import { serverSettings } from './settings/server-settings.ts'
import { stripeSettings } from './settings/stripe-settings.ts'

/** Every setting, once: its name, schema, default, description, and whether it is a secret. */
export const settings = {
  ...serverSettings,
  ...stripeSettings,
  ...clientSettings,
  ...eventSettings,
  ...chargeSettings,
  ...monitoringSettings,
  ...limitSettings,
} as const

export type SettingName = keyof typeof settings
type Values = { readonly [K in SettingName]: z.output<(typeof settings)[K]['schema']> }

export interface LiveStripe {
  readonly mode: 'test' | 'live'
  readonly secretKey: string
  readonly publishableKey: string
  readonly signingSecrets: readonly string[]
}

export interface Config extends Values {
  /** Null: no Stripe keys are set, so the local Stripe runs. */
  readonly stripe: LiveStripe | null
}

/** What is wrong with the environment, every problem at once, each a sentence that names the setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** Parses the environment. Throws ConfigError; never repeats the value of a secret. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, { schema, default: fallback }] of Object.entries(settings)) {
    const given = env[name]?.trim() === '' ? undefined : env[name]
    const result = schema.safeParse(given ?? fallback ?? undefined)
    if (result.success) values[name] = result.data
    else problems.push(`${name} ${result.error.issues.map((issue) => issue.message).join('; ')}`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  const parsed = values as unknown as Values
  checkCaptcha(parsed, problems)
  checkAlarmUrl(parsed, problems)
  const stripe = readStripe(parsed, problems)
  if (stripe === null && parsed.PORT !== 0 && parsed.PORT === parsed.SANDBOX_PORT) {
    problems.push(`PORT and SANDBOX_PORT are both ${parsed.PORT}: the local Stripe needs a port of its own`)
  }
  const proxyPort = parsed.STRIPE_PROXY_PORT ?? 0
  const isTaken = proxyPort === parsed.PORT || (stripe === null && proxyPort === parsed.SANDBOX_PORT)
  if (proxyPort !== 0 && isTaken) {
    problems.push(`STRIPE_PROXY_PORT is ${proxyPort} like another port: it needs one of its own`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze({ ...parsed, stripe })
}

function checkCaptcha(values: Values, problems: string[]): void {
  if (values.CAPTCHA_PROVIDER === 'off') return
  const missing = (['CAPTCHA_SITE_KEY', 'CAPTCHA_SECRET'] as const).filter(
    (name) => values[name] === undefined,
  )
  if (missing.length === 0) return
  problems.push(
    `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing: CAPTCHA_PROVIDER ${values.CAPTCHA_PROVIDER} needs the site key and the secret`,
  )
}

function checkAlarmUrl(values: Values, problems: string[]): void {
  if ((values.ALARM_URL === undefined) === (values.ALARM_SECRET === undefined)) return
  const [has, lacks] = values.ALARM_URL === undefined ? ['SECRET', 'URL'] : ['URL', 'SECRET']
  problems.push(`ALARM_${lacks} is missing: ALARM_${has} is set, and what is posted is signed`)
}

const STRIPE_SETTINGS = ['STRIPE_SECRET_KEY', 'STRIPE_PUBLISHABLE_KEY', 'STRIPE_WEBHOOK_SECRET'] as const

function readStripe(values: Values, problems: string[]): LiveStripe | null {
  if (STRIPE_SETTINGS.every((name) => values[name] === undefined)) {
    if (values.STRIPE_API_BASE !== undefined) {
      problems.push('STRIPE_API_BASE is set but STRIPE_SECRET_KEY is not: set the keys as well, or unset it')
    }
    return null
  }
  const missing = [...STRIPE_SETTINGS, 'CURRENCY' as const].filter((name) => values[name] === undefined)
  if (missing.length > 0) {
    problems.push(
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing: real Stripe needs STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY, STRIPE_WEBHOOK_SECRET and CURRENCY together (unset all of them to use the sandbox)`,
    )
    return null
  }
  const secretKey = values.STRIPE_SECRET_KEY ?? ''
  const publishableKey = values.STRIPE_PUBLISHABLE_KEY ?? ''
  const mode = secretKey.includes('_live_') ? 'live' : 'test'
  const publishableMode = publishableKey.includes('_live_') ? 'live' : 'test'
  if (mode !== publishableMode) {
    problems.push(
      `STRIPE_SECRET_KEY is a ${mode} key and STRIPE_PUBLISHABLE_KEY a ${publishableMode} key: both must be of one mode`,
    )
  }
  if (mode === 'live' && values.STRIPE_API_BASE !== undefined && mayBeSandbox(values.STRIPE_API_BASE)) {
    problems.push(
      'STRIPE_API_BASE is this machine or not https, and STRIPE_SECRET_KEY is a live key: a live key is never sent to a sandbox',
    )
  }
  if (mode === 'live' && values.STRIPE_JS_URL !== undefined) {
    problems.push(
      'STRIPE_JS_URL is set, and STRIPE_SECRET_KEY is a live key: real cards are typed into nothing but Stripe’s own script',
    )
  }
  return { mode, secretKey, publishableKey, signingSecrets: values.STRIPE_WEBHOOK_SECRET ?? [] }
}

function mayBeSandbox(apiBase: string): boolean {
  const { protocol, hostname } = new URL(apiBase)
  return protocol !== 'https:' || /^(localhost|.*\.localhost|127\..*|\[::1\]|0\.0\.0\.0)$/.test(hostname)
}
