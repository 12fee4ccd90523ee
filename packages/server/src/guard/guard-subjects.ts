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
  /** Of which he has proved to be the payer; null: it is begun by this attempt. */
  readonly paymentIntentId: string | null
  /** The card token or payment method; null: the page confirms by itself. */
  readonly card: string | null
  /** What a captcha widget gave the page. */
  readonly captcha: string | null
}

/**
 * An app's own server speaks for many payers, so neither its address nor its key says anything about one. What failed at
 * an address is no reason to turn away a payer from there who has proved to be one: his own failures are.
 */
export function allowancesOf(facts: AttemptFacts, limits: GuardLimits): readonly Allowance[] {
  const { appId, role, clientKey, orderId, paymentIntentId } = facts
  const address = facts.address === null ? null : networkOf(facts.address)
  const isPayer = role !== 'server'
  const ofAddress = allowance(appId, limits, 'address', address ?? '')
  return [
    ...(isPayer && paymentIntentId !== null
      ? [{ ...allowance(appId, limits, 'address', `payment ${paymentIntentId}`), attempts: null }]
      : []),
    ...(isPayer && address !== null
      ? [paymentIntentId === null ? ofAddress : { ...ofAddress, failures: null }]
      : []),
    ...(isPayer ? [allowance(appId, limits, 'key', clientKey ?? '')] : []),
    ...ofOrder(),
  ]

  function ofOrder(): readonly Allowance[] {
    if (paymentIntentId !== null) return [paymentAllowance(appId, limits, paymentIntentId)]
    if (orderId === null) return []
    // Whoever names an order that has no payment yet may be anybody: he uses up his own tries.
    return [allowance(appId, limits, 'order', JSON.stringify([orderId, isPayer ? address : null]))]
  }
}

/** Whom a refused proof is counted against. */
export function proofAllowances(
  { appId, address, clientKey }: Pick<AttemptFacts, 'appId' | 'address' | 'clientKey'>,
  limits: GuardLimits,
): readonly Allowance[] {
  return [
    ...(address === null ? [] : [allowance(appId, limits, 'proof_address', networkOf(address))]),
    allowance(appId, limits, 'proof_key', clientKey ?? ''),
  ]
}

export function cardAllowance(appId: AppId, limits: GuardLimits, fingerprint: string): Allowance {
  return allowance(appId, limits, 'card', fingerprint)
}

/** A payment that has begun is counted by itself, whatever its order is called. */
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
