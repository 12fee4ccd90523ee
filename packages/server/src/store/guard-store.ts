/** The port to what the charge guard counts, in one place for all nodes, and to the operator's brake. */
import type { AppId } from '../access/principal.ts'
import type { AuditEntry } from './audit-trail-store.ts'
import type { Allowance, Exceeded, SubjectKind, Tally } from './guard-window.ts'

export interface Brake {
  readonly appId: AppId
  readonly isOn: boolean
  /** The operator's words, which payers see; null: none given. */
  readonly reason: string | null
  /** Milliseconds since the epoch. */
  readonly changedAt: number
}

export type Admission =
  | { readonly outcome: 'counted' }
  | { readonly outcome: 'limited'; readonly exceeded: Exceeded }
  | { readonly outcome: 'stopped'; readonly brake: Brake }

/** What to add to one subject's counters. */
export interface Count {
  readonly allowance: Allowance
  readonly attempts: 0 | 1
  readonly failures: 0 | 1
}

export interface Standing {
  /** In the order of the allowances. */
  readonly tallies: readonly Tally[]
  /** The brake, while it is on. */
  readonly brake: Brake | null
  /** Whether any card of the app is blocked, so that it is worth asking which card this is. */
  readonly hasBlockedCards: boolean
}

/** A payment that a page confirms by itself, and whom its failures count against. */
export interface WatchedPayment {
  readonly appId: AppId
  readonly paymentIntentId: string
  readonly subjects: readonly { readonly kind: SubjectKind; readonly subject: string }[]
  /** From then on nobody asks for it, and the row may go. */
  readonly expiresAt: number
}

export interface GuardStore {
  /** The brake as it was last set; null: never. */
  brake(appId: AppId): Promise<Brake | null>
  setBrake(brake: Brake, audit?: AuditEntry): Promise<void>

  /** Reads; counts nothing. */
  standing(appId: AppId, allowances: readonly Allowance[], now: number): Promise<Standing>
  /** Counts one attempt against all of them, or, when the brake is on or one is used up, against none. */
  admit(appId: AppId, allowances: readonly Allowance[], now: number): Promise<Admission>
  /** Adds to the counters, whatever their limits. @returns the tallies afterwards, in the same order. */
  count(appId: AppId, counts: readonly Count[], now: number): Promise<readonly Tally[]>

  /** Refuses a card until then; a later end replaces an earlier one, never the reverse. */
  blockCard(appId: AppId, card: string, until: number): Promise<void>
  /** @returns the end of its block, or null when it is not blocked at `now`. */
  blockedUntil(appId: AppId, card: string, now: number): Promise<number | null>

  /** Once for each payment; a repeat changes nothing. */
  watchPayment(payment: WatchedPayment): Promise<void>
  watchedPayment(appId: AppId, paymentIntentId: string, now: number): Promise<WatchedPayment | null>

  /** Drops up to `most` rows whose time has passed. @returns how many. */
  sweep(now: number, most: number): Promise<number>
}
