/** Paid orders that nobody delivers are alarms, in apps that say when they deliver, until they are delivered. */
import { beforeEach, expect, test } from 'vitest'
import type { PaymentId } from '../payment-state/payment-id.ts'
import { paymentSnapshot } from '../payment-state/snapshot.ts'
import type { AlarmKey, NewAlarm } from '../store/alarm-store.ts'
import { createMemoryPaymentStore, type MemoryPaymentStore } from '../store/memory/memory-payment-store.ts'
import { watchUnfulfilled } from './watch-unfulfilled.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const MINUTE = 60_000

let payments: MemoryPaymentStore
let standing: Map<string, string>

beforeEach(() => {
  payments = createMemoryPaymentStore(() => false)
  standing = new Map()
})

function pay(id: PaymentId, at: number): void {
  const seconds = at / 1000
  const object = {
    id,
    object: 'payment_intent',
    status: 'succeeded',
    amount: 500,
    amount_received: 500,
    currency: 'usd',
    created: seconds,
    metadata: { order_id: `order of ${id}` },
  }
  const keys = { orderId: 'order_id', attempt: 'attempt' }
  const snapshot = paymentSnapshot({ object, at: seconds, isBeginning: false }, keys)
  if (snapshot !== null) payments.fold('app_1', { snapshot, at: seconds, account: null }, 1, at)
}

const look = (now: number) =>
  watchUnfulfilled('app_1', {
    payments,
    alarms: {
      raise: async ({ subject, message }: NewAlarm) => void standing.set(subject, message),
      clear: async ({ subject }: AlarmKey) => void standing.delete(subject),
    },
    standing: async () => [...standing.keys()],
    clock: { now: () => now },
    waitMs: 10 * MINUTE,
  })

test('an app that never says that it delivers has no such alarms', async () => {
  pay('pi_1', NOON)
  await look(NOON + 60 * MINUTE)
  expect([...standing]).toEqual([])
})

test('once it does, what is paid afterwards and waits too long is an alarm until it is delivered', async () => {
  pay('pi_before', NOON - MINUTE)
  pay('pi_first', NOON - MINUTE)
  await payments.markFulfilled('app_1', 'pi_first', { key: null, now: NOON })
  pay('pi_late', NOON + MINUTE)
  pay('pi_young', NOON + 9 * MINUTE)
  await look(NOON + 11 * MINUTE)
  expect([...standing]).toEqual([
    ['pi_late', 'Order order of pi_late (pi_late) is paid (500 usd) and not fulfilled for 10 min.'],
  ])
  await payments.markFulfilled('app_1', 'pi_late', { key: null, now: NOON + 12 * MINUTE })
  await look(NOON + 13 * MINUTE)
  expect([...standing]).toEqual([])
})
