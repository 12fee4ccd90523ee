/** Every setting, once: its name, schema, default, description, and whether it is a secret. */
import { z } from 'zod'
import {
  attemptLimits,
  currencyLimits,
  keyLike,
  list,
  optional,
  origin,
  port,
  text,
  trustedProxies,
  webAddress,
  wholeNumber,
  yesOrNo,
} from './config-values.ts'
import { parseMasterKey } from './secrets/master-key.ts'

interface Setting<T> {
  readonly schema: z.ZodType<T, string | undefined>
  /** As it would stand in the environment; null: unset. */
  readonly default: string | null
  readonly description: string
  readonly secret?: true
}

const setting = <T>(it: Setting<T>): Setting<T> => it

const masterKeys = list.transform((items, ctx) => {
  const keys = items.flatMap((item) => parseMasterKey(item) ?? [])
  if (keys.length > 0 && keys.length === items.length) return keys
  ctx.addIssue({
    code: 'custom',
    message:
      'must be one or more keys of 32 random bytes in base64 (openssl rand -base64 32), separated by commas',
  })
  return z.NEVER
})

export const settings = {
  PORT: setting({ schema: port, default: '4242', description: 'The port of the server.' }),
  HOST: setting({
    schema: text,
    default: '127.0.0.1',
    description: 'The address that the server listens on; 0.0.0.0 opens it to the network.',
  }),
  SANDBOX_PORT: setting({
    schema: port,
    default: '4243',
    description: 'The port of the local Stripe, which runs only while no Stripe keys are set.',
  }),
  TOLLBRIDGE_DATA_DIR: setting({
    schema: text,
    default: '.tollbridge',
    description: 'The folder that holds the database and, in sandbox mode, connection.json.',
  }),
  TOLLBRIDGE_KEY: setting({
    schema: optional(masterKeys),
    default: null,
    secret: true,
    description:
      'The master key that seals the secrets in the database: 32 bytes in base64. Several, separated by commas, while it is rotated: the first seals, all open. Unset: the key file.',
  }),
  TOLLBRIDGE_KEY_FILE: setting({
    schema: optional(text),
    default: null,
    description:
      'The file with the master key, made at the first start when TOLLBRIDGE_KEY is unset. Unset: the file `key` in the data folder.',
  }),
  PUBLIC_URL: setting({
    schema: optional(origin),
    default: null,
    description:
      'The address under which clients reach the server, such as https://pay.example.com; unset: taken from each request.',
  }),
  STRIPE_SECRET_KEY: setting({
    schema: optional(keyLike(/^(sk|rk)_(test|live)_\w{8,}$/, 'sk_test_…, sk_live_…, rk_test_… or rk_live_…')),
    default: null,
    secret: true,
    description: 'The secret or restricted key of the Stripe account. Set, it switches the sandbox off.',
  }),
  STRIPE_PUBLISHABLE_KEY: setting({
    schema: optional(keyLike(/^pk_(test|live)_\w{8,}$/, 'pk_test_… or pk_live_…')),
    default: null,
    description: 'The publishable key of the same account and mode.',
  }),
  STRIPE_WEBHOOK_SECRET: setting({
    schema: optional(
      list.refine((items) => items.length > 0 && items.every((item) => /^whsec_\S{8,}$/.test(item)), {
        error: 'must be one or more signing secrets whsec_…, separated by commas',
      }),
    ),
    default: null,
    secret: true,
    description:
      'The signing secret of the webhook endpoint; several, separated by commas, while one is rolled.',
  }),
  CURRENCY: setting({
    schema: optional(
      text
        .transform((value) => value.toLowerCase())
        .refine((value) => /^[a-z]{3}$/.test(value), {
          error: 'must be a three-letter ISO code such as usd',
        }),
    ),
    default: null,
    description: 'The currency of a charge that names none. Sandbox mode uses usd when it is unset.',
  }),
  STRIPE_API_BASE: setting({
    schema: optional(origin),
    default: null,
    description: 'Another address for the Stripe API, for tests and egress proxies; unset: Stripe itself.',
  }),
  STRIPE_JS_URL: setting({
    schema: optional(webAddress),
    default: null,
    description:
      'Another address of Stripe.js for the pages of apps in test mode, for tests; unset: Stripe’s own. Live apps always load Stripe’s own, sandbox apps that of the local Stripe.',
  }),
  STRIPE_PROXY_PORT: setting({
    schema: optional(port),
    default: null,
    description:
      'A port on which Stripe’s API begins at the root path, so that any SDK of Stripe works against it with a server key as its API key. Unset: off; the same is served below /v1/stripe.',
  }),
  STRIPE_TIMEOUT_SECONDS: setting({
    schema: wholeNumber(1, 300, 'seconds'),
    default: '30',
    description: 'How long one call to Stripe may take.',
  }),
  APP_ID: setting({
    schema: optional(keyLike(/^[A-Za-z0-9_-]{4,64}$/, '4 to 64 letters, digits, - or _')),
    default: null,
    description:
      'The app id, for code that already carries one (a Backendless application id); unset: made at the first start.',
  }),
  CLIENT_KEY: setting({
    schema: optional(
      list.refine(
        (items) => items.length > 0 && items.every((item) => /^(?!tb[ko]_)[A-Za-z0-9_-]{8,128}$/.test(item)),
        {
          error:
            'must be one or more keys of 8 to 128 letters, digits, - or _, separated by commas, none starting with tbk_ or tbo_',
        },
      ),
    ),
    default: null,
    description:
      'The public client key, or several separated by commas (the API keys that existing Backendless clients carry); unset: made at the first start.',
  }),
  CLIENT_READS: setting({
    schema: z.enum(['pinned', 'open'], { error: 'must be pinned or open' }),
    default: 'pinned',
    description:
      'pinned: a client key must name the transaction that it listens to or reads. open: for old apps that listen to everything. DANGER: with open, whoever reads the client key out of a page sees the events of every payer.',
  }),
  CLIENT_PAYLOADS: setting({
    schema: z.enum(['redacted', 'full'], { error: 'must be redacted or full' }),
    default: 'redacted',
    description:
      'redacted: client keys see events without client secrets and personal data. full: they see everything that Stripe sent.',
  }),
  REQUIRE_WATCH_TOKEN: setting({
    schema: yesOrNo,
    default: 'false',
    description:
      'Whether a client key must also show the watch token of the payment, which each charge answers.',
  }),
  WATCH_TOKEN_LIFETIME_SECONDS: setting({
    schema: wholeNumber(60, 31_536_000, 'seconds'),
    default: '86400',
    description: 'How long a watch token is good for.',
  }),
  RECENT_EVENTS_SECONDS: setting({
    schema: wholeNumber(0, 86_400, 'seconds'),
    default: '300',
    description:
      'A client that subscribes late still gets the matching events of this many seconds, once. 0 switches it off.',
  }),
  CONNECTED_ACCOUNTS: setting({
    schema: optional(
      list.refine(
        (items) =>
          items.length > 0 && (items.join() === 'all' || items.every((item) => /^acct_\w+$/.test(item))),
        { error: 'must be all, or one or more accounts acct_…, separated by commas' },
      ),
    ),
    default: null,
    description:
      'Connect: the accounts whose events this server takes beside those of its own account (acct_…, separated by commas, or all). Accounts on which the app charges (Stripe-Account) are taken as well. Events of other accounts are stored and flagged, and nothing more happens with them.',
  }),
  RETENTION_DAYS: setting({
    schema: wholeNumber(0, 36_500, 'days'),
    default: '400',
    description:
      'After so many days the stored text of an event is cut down to ids, amounts and states, without personal data. 0: never.',
  }),
  REPAIR_INTERVAL_SECONDS: setting({
    schema: wholeNumber(0, 86_400, 'seconds'),
    default: '60',
    description:
      'How often the event log is compared with the list that Stripe keeps; what no webhook brought is stored. 0 switches it off.',
  }),
  WEBHOOKS_SILENT_SECONDS: setting({
    schema: wholeNumber(1, 86_400, 'seconds'),
    default: '600',
    description:
      'The alarm webhooks_silent is raised when payments move at Stripe for so long without one of its webhooks.',
  }),
  WEBHOOK_TOLERANCE_SECONDS: setting({
    schema: wholeNumber(1, 3_600, 'seconds'),
    default: '300',
    description: 'How far the time of a webhook signature may be from our clock, both ways.',
  }),
  PRICE_POLICY: setting({
    schema: z.enum(['open', 'quote', 'catalog'], { error: 'must be open, quote or catalog' }),
    default: 'open',
    description:
      'Who names the price of an app that has no policy of its own. open: the client. quote: the app’s server, which signs it. catalog: this server adds up items. Server keys may always name an amount.',
  }),
  ALLOW_OPEN_PRICES: setting({
    schema: yesOrNo,
    default: 'false',
    description:
      'Whether a live app may have the price policy open. DANGER: whoever can reach the server then decides what to pay.',
  }),
  PRICE_LIMITS: setting({
    schema: optional(text.transform(currencyLimits)),
    default: null,
    description:
      'The currencies that an app without a policy of its own takes, with limits in minor units: usd:100-50000,eur:100-,jpy. Unset: every currency, from the smallest charge that Stripe publishes on.',
  }),
  GUARD: setting({
    schema: z.enum(['auto', 'strict', 'lenient', 'off'], { error: 'must be auto, strict, lenient or off' }),
    default: 'auto',
    description:
      'How the charge guard counts where no limit is set below. strict: for the public. lenient: for the sandbox and tests. auto: strict for live apps, lenient for others. off: counts nothing; the brake still works.',
  }),
  GUARD_ADDRESS: setting({
    schema: optional(text.transform(attemptLimits)),
    default: null,
    description:
      'Attempts and failed attempts of one address (IPv6: one /64) in a time: 20/5 in 10m (strict), 20000/300 in 10m (lenient). A dash stands for no limit: 20/- in 10m. Server keys are not counted by address.',
  }),
  GUARD_CLIENT_KEY: setting({
    schema: optional(text.transform(attemptLimits)),
    default: null,
    description:
      'The same for all payers of one client key together: 2000/100 in 10m (strict), 20000/2000 in 10m (lenient).',
  }),
  GUARD_CARD: setting({
    schema: optional(text.transform(attemptLimits)),
    default: null,
    description:
      'The same for one card, by Stripe’s fingerprint: 20/5 in 1h (strict), -/1000 in 1h (lenient).',
  }),
  GUARD_ORDER: setting({
    schema: optional(text.transform(attemptLimits)),
    default: null,
    description: 'The same for one order id: 10/- in 24h (strict), 200/- in 24h (lenient).',
  }),
  CAPTCHA_PROVIDER: setting({
    schema: z.enum(['off', 'turnstile', 'hcaptcha'], { error: 'must be off, turnstile or hcaptcha' }),
    default: 'off',
    description:
      'Who checks that a payer is a person: Cloudflare Turnstile or hCaptcha. Server keys are never asked.',
  }),
  CAPTCHA_SITE_KEY: setting({
    schema: optional(text),
    default: null,
    description: 'The public site key, which the error captcha_required tells the page.',
  }),
  CAPTCHA_SECRET: setting({
    schema: optional(text),
    default: null,
    secret: true,
    description: 'The secret of the captcha site.',
  }),
  CAPTCHA_AFTER_FAILURES: setting({
    schema: wholeNumber(0, 1000, 'failures'),
    default: '2',
    description:
      'A payer is asked for a captcha once that many attempts of the address have failed in the time of GUARD_ADDRESS; 0: always.',
  }),
  CAPTCHA_API_BASE: setting({
    schema: optional(origin),
    default: null,
    description: 'Another address for the captcha service, for tests and egress proxies; unset: its own.',
  }),
  CAPTCHA_TIMEOUT_SECONDS: setting({
    schema: wholeNumber(1, 60, 'seconds'),
    default: '5',
    description: 'How long the captcha service may take; without an answer in time nothing is charged.',
  }),
  TRUST_PROXY: setting({
    schema: optional(text.transform(trustedProxies)),
    default: null,
    description:
      'The proxies before the server, whose X-Forwarded-For is believed: their number (1), or their addresses (10.0.0.0/8,::1). Unset: none, and the header is ignored.',
  }),
  AUTO_MIGRATE: setting({
    schema: yesOrNo,
    default: 'true',
    description:
      'Whether the server brings its tables up to date at start. false: start fails and names what is missing.',
  }),
  LOG_LEVEL: setting({
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent'], {
      error: 'must be debug, info, warn, error or silent',
    }),
    default: 'warn',
    description: 'How much the server logs, as JSON lines on standard error.',
  }),
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
