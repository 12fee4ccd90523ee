/** Every setting, once: its name, schema, default, description, and whether it is a secret. */
import { z } from 'zod'

interface Setting<T> {
  readonly schema: z.ZodType<T, string | undefined>
  /** As it would stand in the environment; null: unset. */
  readonly default: string | null
  readonly description: string
  readonly secret?: true
}

const setting = <T>(it: Setting<T>): Setting<T> => it

const port = z.string().transform((text, ctx) => {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value
  ctx.addIssue({ code: 'custom', message: 'must be a port number from 0 to 65535 (0 picks a free one)' })
  return z.NEVER
})

const wholeNumber = (least: number, most: number, unit: string) =>
  z.string().transform((text, ctx) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value
    ctx.addIssue({ code: 'custom', message: `must be a whole number of ${unit} from ${least} to ${most}` })
    return z.NEVER
  })

const yesOrNo = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'], { error: 'must be true or false' })
  .transform((text) => text === 'true' || text === '1' || text === 'yes')

const origin = z.string().transform((text, ctx) => {
  const url = URL.canParse(text) ? new URL(text) : null
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === ''
  if (isOrigin && url.username === '' && (url.pathname === '/' || url.pathname === '')) return url.origin
  ctx.addIssue({
    code: 'custom',
    message: 'must be an http or https address without a path, such as https://pay.example.com',
  })
  return z.NEVER
})

const text = z.string().trim().min(1)
const optional = <T>(schema: z.ZodType<T, string>) => schema.optional()
const list = text.transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

const keyLike = (pattern: RegExp, looks: string) =>
  text.refine((value) => pattern.test(value), { error: `must look like ${looks}` })

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
        (items) => items.length > 0 && items.every((item) => /^(?!tbk_)[A-Za-z0-9_-]{8,128}$/.test(item)),
        {
          error:
            'must be one or more keys of 8 to 128 letters, digits, - or _, separated by commas, none starting with tbk_',
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
  WEBHOOK_TOLERANCE_SECONDS: setting({
    schema: wholeNumber(1, 3_600, 'seconds'),
    default: '300',
    description: 'How far the time of a webhook signature may be from our clock, both ways.',
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
  const stripe = readStripe(parsed, problems)
  if (stripe === null && parsed.PORT !== 0 && parsed.PORT === parsed.SANDBOX_PORT) {
    problems.push(`PORT and SANDBOX_PORT are both ${parsed.PORT}: the local Stripe needs a port of its own`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze({ ...parsed, stripe })
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
  return { mode, secretKey, publishableKey, signingSecrets: values.STRIPE_WEBHOOK_SECRET ?? [] }
}

function mayBeSandbox(apiBase: string): boolean {
  const { protocol, hostname } = new URL(apiBase)
  return protocol !== 'https:' || /^(localhost|.*\.localhost|127\..*|\[::1\]|0\.0\.0\.0)$/.test(hostname)
}
