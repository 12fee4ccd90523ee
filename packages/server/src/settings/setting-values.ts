/** How the values of settings are written: ports, addresses, lists, limits, currencies, proxies. */
import { isIP } from 'node:net'
import { findCurrency } from '@tollbridge/protocol'
import { z } from 'zod'

export const port = z.string().transform((text, ctx) => {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value
  ctx.addIssue({ code: 'custom', message: 'must be a port number from 0 to 65535 (0 picks a free one)' })
  return z.NEVER
})

export const wholeNumber = (least: number, most: number, unit: string) =>
  z.string().transform((text, ctx) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value
    ctx.addIssue({ code: 'custom', message: `must be a whole number of ${unit} from ${least} to ${most}` })
    return z.NEVER
  })

export const yesOrNo = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'], { error: 'must be true or false' })
  .transform((text) => text === 'true' || text === '1' || text === 'yes')

export const origin = z.string().transform((text, ctx) => {
  const url = URL.canParse(text) ? new URL(text) : null
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === ''
  if (isOrigin && url.username === '' && (url.pathname === '/' || url.pathname === '')) return url.origin
  ctx.addIssue({
    code: 'custom',
    message: 'must be an http or https address without a path, such as https://pay.example.com',
  })
  return z.NEVER
})

export const webAddress = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: 'must be an http or https address, such as https://js.example.com/stripe.js',
  })

export const text = z.string().trim().min(1)
export const optional = <T>(schema: z.ZodType<T, string>) => schema.optional()
export const list = text.transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

/** What runs in the page that follows it, reads files, or is a web address already. */
const NO_APP = new Set([
  ...['about', 'blob', 'data', 'file', 'filesystem', 'ftp', 'http', 'https', 'intent', 'javascript'],
  ...['mailto', 'vbscript', 'view-source', 'ws', 'wss'],
])

export const urlSchemes = z.string().transform((value, ctx) => {
  const schemes = value
    .split(',')
    .map((scheme) => scheme.trim().toLowerCase())
    .filter((scheme) => scheme !== '')
  const wrong = schemes.find((scheme) => !/^[a-z][a-z0-9+.-]{0,63}$/.test(scheme) || NO_APP.has(scheme))
  if (wrong === undefined) return schemes
  ctx.addIssue({
    code: 'custom',
    message: `must be schemes of apps such as myshop,com.example.shop, without colons; "${wrong.slice(0, 60)}" is none`,
  })
  return z.NEVER
})

export const keyLike = (pattern: RegExp, looks: string) =>
  text.refine((value) => pattern.test(value), { error: `must look like ${looks}` })

/** At most so many attempts, and so many that fail, in each window. */
export interface AttemptLimits {
  /** null: no limit. */
  readonly attempts: number | null
  readonly failures: number | null
  readonly windowMs: number
}

/** So many at once, and again as many over each time: `1000 in 30s`. */
export const pace = z.string().transform((value, ctx) => {
  const [, digits = '', length = '', unit = ''] =
    /^(\d{1,9}) +in +(\d{1,6}) *([smhd])$/.exec(value.trim()) ?? []
  const count = Number(digits)
  const overMs = Number(length) * UNITS_MS[unit as keyof typeof UNITS_MS]
  if (count >= 1 && overMs >= 1_000) return { count, overMs }
  ctx.addIssue({
    code: 'custom',
    message: 'must read like 1000 in 30s: a number, and a time of a second or more',
  })
  return z.NEVER
})

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const LONGEST_WINDOW_MS = 7 * UNITS_MS.d

/** `20/5 in 10m`; a dash stands for no limit. */
export function attemptLimits(text: string, ctx: z.RefinementCtx): AttemptLimits {
  const match = /^(-|\d{1,9}) *\/ *(-|\d{1,9}) +in +(\d{1,6}) *([smhd])$/.exec(text)
  const [, attempts = '', failures = '', length = '', unit = ''] = match ?? []
  const windowMs = Number(length) * UNITS_MS[unit as keyof typeof UNITS_MS]
  const limit = (digits: string) => (digits === '-' ? null : Number(digits))
  const limits = { attempts: limit(attempts), failures: limit(failures), windowMs }
  const isGood =
    match !== null &&
    limits.attempts !== 0 &&
    limits.failures !== 0 &&
    windowMs >= 1_000 &&
    windowMs <= LONGEST_WINDOW_MS
  if (isGood) return limits
  ctx.addIssue({
    code: 'custom',
    message:
      'must read like 20/5 in 10m: attempts (1 or more, - for no limit), failed attempts, and a time of at most 7d',
  })
  return z.NEVER
}

export interface CurrencyLimitSetting {
  readonly currency: string
  /** Minor units. */
  readonly minAmount: number | null
  readonly maxAmount: number | null
}

/** `usd:100-50000,eur:100-,jpy`. */
export function currencyLimits(text: string, ctx: z.RefinementCtx): readonly CurrencyLimitSetting[] {
  const refuse = (message: string) => {
    ctx.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  const limits: CurrencyLimitSetting[] = []
  for (const part of text.split(',').map((it) => it.trim())) {
    const match = /^([A-Za-z]{3})(?::(\d{1,12})?-(\d{1,12})?)?$/.exec(part)
    if (match === null)
      return refuse(`must read like usd:100-50000,eur:100-,jpy; "${part.slice(0, 40)}" does not`)
    const [, code = '', least, most] = match
    const currency = code.toLowerCase()
    if (findCurrency(currency) === null) return refuse(`names ${currency}, which Stripe does not charge in`)
    if (limits.some((it) => it.currency === currency)) return refuse(`names ${currency} twice`)
    const minAmount = least === undefined ? null : Number(least)
    const maxAmount = most === undefined ? null : Number(most)
    if (minAmount !== null && maxAmount !== null && minAmount > maxAmount) {
      return refuse(`has a smallest amount above the largest for ${currency}`)
    }
    limits.push({ currency, minAmount, maxAmount })
  }
  return limits
}

/** A number of proxies, or their addresses and networks, as Fastify's `trustProxy` takes them. */
export function trustedProxies(text: string, ctx: z.RefinementCtx): number | string[] {
  if (/^\d{1,2}$/.test(text)) return Number(text)
  const networks = text.split(',').map((it) => it.trim())
  const wrong = networks.find((network) => !isNetwork(network))
  if (wrong === undefined) return networks
  ctx.addIssue({
    code: 'custom',
    message: `must be the number of proxies, or addresses and networks such as 10.0.0.0/8,::1; "${wrong.slice(0, 60)}" is neither. To believe anyone is not offered: payers could then choose their address`,
  })
  return z.NEVER
}

export type OutboundAddresses = 'auto' | 'public' | 'any' | readonly string[]

/** A word, or the networks that may be called beside the internet. */
export function outboundAddresses(text: string, ctx: z.RefinementCtx): OutboundAddresses {
  if (text === 'auto' || text === 'public' || text === 'any') return text
  const networks = text.split(',').map((it) => it.trim())
  const wrong = networks.find((network) => !isNetwork(network))
  if (wrong === undefined) return networks
  ctx.addIssue({
    code: 'custom',
    message: `must be auto, public, any, or addresses and networks such as 10.0.0.0/8,::1; "${wrong.slice(0, 60)}" is none`,
  })
  return z.NEVER
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
