/** The arithmetic of a sliding window in slots: how much was counted in it, and when there is room again. */

/** What is counted: all attempts of one address, client key, card or order; and proofs that were refused. */
export type SubjectKind = 'address' | 'key' | 'card' | 'order' | 'proof_address' | 'proof_key'

export interface Allowance {
  readonly kind: SubjectKind
  /** A digest of the address, key, fingerprint or order id. */
  readonly subject: string
  /** The most in any window; null: no limit. */
  readonly attempts: number | null
  readonly failures: number | null
  readonly windowMs: number
}

export interface Slot {
  /** When it began, in milliseconds since the epoch. */
  readonly start: number
  readonly attempts: number
  readonly failures: number
}

export interface Tally {
  readonly attempts: number
  readonly failures: number
  /** The limit that is used up; null: there is room for one more attempt. */
  readonly exceeded: Exceeded | null
}

export interface Exceeded {
  readonly kind: SubjectKind
  readonly what: 'attempts' | 'failures'
  readonly limit: number
  readonly windowMs: number
  /** When there is room again, in milliseconds since the epoch. */
  readonly retryAt: number
}

/** A window is kept as this many slots, so that a subject costs a few rows however busy it is. */
const SLOTS = 10

export function slotStart(now: number, windowMs: number): number {
  const width = slotWidth(windowMs)
  return Math.floor(now / width) * width
}

/**
 * Slots that began before or at this moment lie behind the window. A slot counts until all of it has left, so that no
 * window of this length ever holds more than the limit; what it costs is up to a tenth of the window's length.
 */
export function windowBegin(now: number, windowMs: number): number {
  return now - windowMs - slotWidth(windowMs)
}

/** When a slot that began at `start` no longer counts. */
export function slotEnd(start: number, windowMs: number): number {
  return start + windowMs + slotWidth(windowMs)
}

/** @param slots all of the subject's slots that begin after `windowBegin`, in any order. */
export function tally(allowance: Allowance, slots: readonly Slot[]): Tally {
  const inOrder = [...slots].sort((a, b) => a.start - b.start)
  const over = (['attempts', 'failures'] as const)
    .map((what) => exceeded(allowance, what, inOrder))
    .filter((it) => it !== null)
    .sort((a, b) => b.retryAt - a.retryAt)
  return {
    attempts: inOrder.reduce((sum, slot) => sum + slot.attempts, 0),
    failures: inOrder.reduce((sum, slot) => sum + slot.failures, 0),
    exceeded: over[0] ?? null,
  }
}

function exceeded(
  { kind, windowMs, ...limits }: Allowance,
  what: 'attempts' | 'failures',
  inOrder: readonly Slot[],
): Exceeded | null {
  const limit = limits[what]
  if (limit === null) return null
  let left = inOrder.reduce((sum, slot) => sum + slot[what], 0)
  if (left < limit) return null
  for (const slot of inOrder) {
    left -= slot[what]
    if (left < limit) return { kind, what, limit, windowMs, retryAt: slotEnd(slot.start, windowMs) }
  }
  // A limit of 0 lets nothing through, at any time.
  return { kind, what, limit, windowMs, retryAt: Number.MAX_SAFE_INTEGER }
}

function slotWidth(windowMs: number): number {
  return Math.max(1, Math.ceil(windowMs / SLOTS))
}
