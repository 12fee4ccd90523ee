/** The keys by which a payer is known again: what came with the request that began a payment, as digests. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { PayerMark } from '../store/payment-attempt-store.ts'
import { isSingleUse } from './attempts/request-key.ts'
import type { Caller } from './caller.ts'
import type { Price } from './ports.ts'

/** What is shorter can be guessed, so it tells requests apart and proves nothing. */
export const SHORTEST_PAYER_KEY = 16

/** @param source of the price; a quote is the word of the app's server. */
export function payerMark(caller: Caller, source: Price['source']): PayerMark {
  if (caller.principal.role === 'server') return { by: 'server', keys: [] }
  return { by: source === 'quote' ? 'quote' : 'client', keys: payerKeys(caller) }
}

/** Digests, bound to the app and to the client key. A server has none: it needs no proof. */
export function payerKeys({ principal, clientKey, callerKey, shown }: Caller): readonly string[] {
  if (clientKey === null) return []
  const digest = (kind: string, value: string) =>
    createHash('sha256')
      .update(JSON.stringify([principal.appId, clientKey, kind, value]))
      .digest('base64url')
  const keys = [shown.payerKey, callerKey].filter((key) => key !== null && key.length >= SHORTEST_PAYER_KEY)
  const tokens = [shown.card].filter((card) => card !== null && isSingleUse(card))
  return [
    ...new Set([
      ...keys.map((key) => digest('key', key ?? '')),
      ...tokens.map((token) => digest('token', token ?? '')),
    ]),
  ]
}

/** Whether one of them is the same; takes the same time whichever it is. */
export function sharesKey(mark: Pick<PayerMark, 'keys'> | null, keys: readonly string[]): boolean {
  let isShared = false
  for (const kept of mark?.keys ?? []) {
    for (const key of keys) if (isEqual(kept, key)) isShared = true
  }
  return isShared
}

export function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
