/** Whom an attempt is counted against: its address, client key and order; its card once that is known. */
import { createHash } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import type { AppId, Principal } from '../access/principal.ts'
import type { Allowance, SubjectKind } from '../store/guard-window.ts'
import type { GuardLimits } from './guard-limits.ts'

/** Who tries to charge a card. */
export interface AttemptFacts {
  readonly appId: AppId
  readonly role: Principal['role']
  /** The payer's address as the HTTP server sees it; null where there is none. */
  readonly address: string | null
  /** The client key that was shown; null: none. */
  readonly clientKey: string | null
  readonly orderId: string | null
  /** The card token or payment method; null: the page confirms by itself. */
  readonly card: string | null
  /** What a captcha widget gave the page. */
  readonly captcha: string | null
}

/** An app's own server speaks for many payers, so neither its address nor its key says anything about one. */
export function allowancesOf(facts: AttemptFacts, limits: GuardLimits): readonly Allowance[] {
  const { role, address, clientKey, orderId } = facts
  const isPayer = role !== 'server'
  return [
    ...(isPayer && address !== null ? [allowance(facts.appId, limits, 'address', network(address))] : []),
    ...(isPayer ? [allowance(facts.appId, limits, 'key', clientKey ?? '')] : []),
    ...(orderId !== null ? [allowance(facts.appId, limits, 'order', orderId)] : []),
  ]
}

export function cardAllowance(appId: AppId, limits: GuardLimits, fingerprint: string): Allowance {
  return allowance(appId, limits, 'card', fingerprint)
}

/** A payment without an order id stands for itself. */
export function paymentAllowance(appId: AppId, limits: GuardLimits, paymentIntentId: string): Allowance {
  return allowance(appId, limits, 'order', `payment ${paymentIntentId}`)
}

function allowance(appId: AppId, limits: GuardLimits, kind: SubjectKind, value: string): Allowance {
  return { kind, subject: digest(appId, kind, value), ...limits[kind] }
}

/** Rows name nobody: neither addresses nor order ids stand in them. */
function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
}

const IPV4_IN_IPV6 = new BlockList()
IPV4_IN_IPV6.addSubnet('::ffff:0:0', 96, 'ipv6')

/** One household or server has a whole /64 of IPv6 to rotate through, so it is counted as one. */
export function network(address: string): string {
  if (isIP(address) !== 6) return address
  const groups = expand(address.split('%')[0] ?? '')
  if (IPV4_IN_IPV6.check(address, 'ipv6')) {
    const [high = 0, low = 0] = groups.slice(6)
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of a valid IPv6 address. */
function expand(address: string): readonly number[] {
  const [head = '', tail] = withoutDots(address).split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].map((group) =>
    Number.parseInt(group, 16),
  )
}

/** `::ffff:1.2.3.4` writes its last two groups as IPv4. */
function withoutDots(address: string): string {
  const match = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  if (match === null) return address
  const [, head = '', ...bytes] = match
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number)
  return `${head}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}
