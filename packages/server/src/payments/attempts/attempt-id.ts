/** Ids of attempts and their keys at Stripe: derived, so that rows that forgot an attempt arrive at the same ones again. */
import { createHash } from 'node:crypto'

/** What lasts of a request: its order or its key, and what is done. */
export type Series = readonly (string | null)[]

/** @param generation counts from 1: how many attempts of the series the rows know, this one among them */
export function derivedAttemptId(series: Series, generation: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([...series, generation]))
    .digest('hex')
  return `att_${hash.slice(0, 32)}`
}

/** Ours, not the caller's: one app cannot meet another's keys, and none is over Stripe's 255 characters. */
export function idempotencyKeyOf(attemptId: string): string {
  return `tollbridge-${attemptId}`
}

/** After Stripe answered a key with an error, which it may go on doing for a day. */
export function nextIdempotencyKey(key: string): string {
  const [, base = key, turn = '1'] = /^(.*)\.(\d+)$/.exec(key) ?? []
  return `${base}.${Number(turn) + 1}`
}
