/** What may be concluded from a look that found nothing: only what Stripe's own time proves. */
import { expect, test } from 'vitest'
import type { PaymentAttempt } from '../../store/payment-attempt-store.ts'
import { lookFor } from './look-for.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const MINUTE = 60_000

/** Finds nothing, at this time; null: its answer tells no time. */
function stripeAt(now: number | null) {
  return {
    time: { now: () => now, mark: () => 0, since: () => now, skewMs: () => null, note: () => {} },
    listPaymentIntents: async () => ({ object: 'list', data: [], has_more: false, url: '' }),
  } as unknown as Parameters<typeof lookFor>[0]
}

const attempt = (absentSince: number | null) =>
  ({
    id: 'att_1',
    account: '',
    call: { operation: 'create', paymentIntent: null, params: {} },
    sentAfter: NOON,
    absentSince,
  }) as unknown as PaymentAttempt

const look = (minutes: number | null, absentSince: number | null = null) =>
  lookFor(
    stripeAt(minutes === null ? null : NOON + minutes * MINUTE),
    attempt(absentSince === null ? null : NOON + absentSince * MINUTE),
  )

test('within ten minutes the call may be sent again', async () => {
  expect(await look(9)).toEqual({ kind: 'absent', maySend: true, absentSince: NOON + 9 * MINUTE })
})

test('later it may not, and one look proves nothing', async () => {
  expect(await look(60)).toEqual({ kind: 'absent', maySend: false, absentSince: NOON + 60 * MINUTE })
  expect(await look(61, 60)).toEqual({ kind: 'absent', maySend: false, absentSince: NOON + 60 * MINUTE })
})

test('two looks that are two minutes apart do', async () => {
  expect(await look(62, 60)).toMatchObject({
    kind: 'found',
    outcome: { state: 'failed', failure: { retryable: true } },
  })
})

test('an answer without a time proves nothing, ever', async () => {
  expect(await look(null, 0)).toEqual({ kind: 'absent', maySend: false, absentSince: NOON })
})
