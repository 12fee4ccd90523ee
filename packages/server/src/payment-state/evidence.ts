/** All that is known of one payment, object by object; it only ever grows, so no order of arrival can matter. */
import { join, type Register, seenOnce, settle } from './register.ts'
import type { ChargeContent, DisputeContent, IntentContent, RefundContent, SnapshotPart } from './snapshot.ts'

type ById<Content> = Readonly<Record<string, Register<Content>>>

export interface Evidence {
  readonly intent: Register<IntentContent> | null
  /** Charges that took or held money: normally one. */
  readonly charges: ById<ChargeContent>
  /** The newest charge that did neither: pending, or failed. */
  readonly attempt: Register<ChargeContent> | null
  readonly refunds: ById<RefundContent>
  readonly disputes: ById<DisputeContent>
  /** By charge, the most that Stripe ever showed as refunded; a refund that fails lowers Stripe's own number. */
  readonly refunded: Readonly<Record<string, number>>
  /** What Stripe showed as refunded when it was asked, valid while nothing else about refunds is known. */
  readonly refundedSettled: { readonly amount: number; readonly over: string } | null
  /** The second of the newest event. */
  readonly updated: number
  /** The connected account; it never changes. */
  readonly account: string | null
}

export const NO_EVIDENCE: Evidence = {
  intent: null,
  charges: {},
  attempt: null,
  refunds: {},
  disputes: {},
  refunded: {},
  refundedSettled: null,
  updated: 0,
  account: null,
}

/** Takes in the object of an event. */
export function addSeen(evidence: Evidence, part: SnapshotPart, at: number): Evidence {
  const key = [part.tier, ...part.rest]
  const updated = Math.max(evidence.updated, at)
  switch (part.kind) {
    case 'intent':
      return { ...evidence, updated, intent: join(evidence.intent, seenOnce(key, part.content)) }
    case 'charge':
      return {
        ...addCharge(evidence, part, (current) => join(current, seenOnce(key, part.content))),
        updated,
      }
    case 'refund':
      return { ...evidence, updated, refunds: put(evidence.refunds, part.id, seenOnce(key, part.content)) }
    case 'dispute':
      return { ...evidence, updated, disputes: put(evidence.disputes, part.id, seenOnce(key, part.content)) }
  }
}

/** Takes in an object that Stripe answered when asked, while `basis` was known. */
export function addRead(evidence: Evidence, basis: Evidence, part: SnapshotPart): Evidence {
  switch (part.kind) {
    case 'intent':
      return { ...evidence, intent: settle(evidence.intent, basis.intent, part.tier, part.content) }
    case 'charge': {
      const before = basis.charges[part.content.id] ?? null
      return addCharge(evidence, part, (current) => settle(current, before, part.tier, part.content))
    }
    case 'refund':
      return { ...evidence, refunds: answer(evidence.refunds, basis.refunds, part.id, part) }
    case 'dispute':
      return { ...evidence, disputes: answer(evidence.disputes, basis.disputes, part.id, part) }
  }
}

/** Tells one state of knowledge about refunds from another. */
export function refundKnowledge({ refunds, refunded }: Evidence): string {
  const entries = Object.entries(refunds).map(([id, { key }]) => `${id}:${key[0]}`)
  const reported = Object.entries(refunded).map(([id, amount]) => `${id}=${amount}`)
  return [...entries.sort(), ...reported.sort()].join(' ')
}

function addCharge(
  evidence: Evidence,
  part: SnapshotPart & { readonly kind: 'charge' },
  grow: (current: Register<ChargeContent> | null) => Register<ChargeContent>,
): Evidence {
  const { content } = part
  if (content.status !== 'succeeded') {
    // Only the newest matters, so a shop whose cards are tested a thousand times keeps one.
    const key = [part.rest[0] ?? 0, content.status === 'failed' ? 1 : 0]
    return { ...evidence, attempt: join(evidence.attempt, seenOnce(key, content)) }
  }
  const { id } = content
  const refunded = Math.max(evidence.refunded[id] ?? 0, part.refunded)
  return {
    ...evidence,
    charges: { ...evidence.charges, [id]: grow(evidence.charges[id] ?? null) },
    refunded: { ...evidence.refunded, [id]: refunded },
  }
}

function put<Content>(all: ById<Content>, id: string, register: Register<Content>): ById<Content> {
  return { ...all, [id]: join(all[id] ?? null, register) }
}

function answer<Content>(
  all: ById<Content>,
  basis: ById<Content>,
  id: string,
  { tier, content }: { readonly tier: number; readonly content: Content },
): ById<Content> {
  return { ...all, [id]: settle(all[id] ?? null, basis[id] ?? null, tier, content) }
}
