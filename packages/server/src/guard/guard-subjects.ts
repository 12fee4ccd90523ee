/** Whom an attempt is counted against: its address, client key and order; its card once that is known. */
import { createHash } from 'node:crypto'
import { networkOf } from '../access/network-of.ts'
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
    ...(isPayer && address !== null ? [allowance(facts.appId, limits, 'address', networkOf(address))] : []),
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
