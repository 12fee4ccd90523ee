/** A call whose outcome stays unknown is an alarm until it is known. */
import { expect, test } from 'vitest'
import type { PaymentAttempt } from '../../store/payment-attempt-store.ts'
import { watchOpenAttempts } from './watch-open-attempts.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const MINUTE = 60_000

test('it is raised once it takes longer than looking does, and cleared with the outcome', async () => {
  let open = [
    {
      id: 'att_1',
      appId: 'app_1',
      orderId: 'order-1',
      call: { operation: 'create' },
      createdAt: NOON,
      lastError: 'Stripe did not answer in time.',
    },
  ] as unknown as PaymentAttempt[]
  const standing = new Map<string, string>()
  const look = (now: number) =>
    watchOpenAttempts({
      attempts: {
        openSince: async ({ createdBefore }) => open.filter(({ createdAt }) => createdAt < createdBefore),
      },
      alarms: {
        raise: async ({ subject, message }) => void standing.set(subject, message),
        clear: async ({ subject }) => void standing.delete(subject),
      },
      standing: async () => [...standing.keys()].map((subject) => ({ appId: 'app_1', subject })),
      clock: { now: () => now },
    })
  await look(NOON + 20 * MINUTE)
  expect(standing.size).toBe(0)
  await look(NOON + 21 * MINUTE)
  expect([...standing]).toEqual([
    [
      'att_1',
      'The call "create" of order order-1 (att_1) has no outcome after 21 min. The last try: Stripe did not answer in time.',
    ],
  ])
  open = []
  await look(NOON + 22 * MINUTE)
  expect(standing.size).toBe(0)
})
