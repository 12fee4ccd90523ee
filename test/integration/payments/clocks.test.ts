/** Clocks that are wrong, or step in the middle of a charge: who pays is charged once all the same. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ServiceError } from '../../../packages/server/src/errors.ts'
import { APP, aCaller, aPayment, openTill, type Till } from './open-till.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let till: Till
beforeEach(async () => {
  till = await openTill()
})
afterEach(() => till.close())

const failure = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error('expected a failure')
    },
    (error: ServiceError) => error,
  )

async function loseAnswers(kind: 'reset_before' | 'reset_after', pay: () => Promise<unknown>): Promise<void> {
  till.proxy.decideWith(({ method }) => (method === 'POST' ? { kind } : null))
  expect((await failure(pay())).row.type).toBe('upstream_error')
  till.proxy.decideWith(null)
}

describe.each([HOUR, -HOUR, 10 * DAY, -10 * DAY])('with a clock that is %d ms off', (off) => {
  test('from the beginning, a charge whose answer was lost is found, days later', async () => {
    till.stepWall(off)
    await loseAnswers('reset_after', () => till.open().pay(aCaller('key-1'), aPayment()))
    await till.advance(49 * HOUR)
    const payments = till.open()
    await till.recover(payments)
    expect(await till.attempts.nextDueAt()).toBeNull()
    const { intent } = await payments.pay(aCaller('key-1'), aPayment())
    expect(intent.status).toBe('succeeded')
    expect(await till.succeeded()).toBe(1)
  })

  test('from the middle of a charge, the order is charged once, by whichever process', async () => {
    const paying = till.open()
    const other = till.open()
    till.proxy.failNext({ kind: 'timeout_after' })
    let sweeps: Promise<void> = Promise.resolve()
    till.proxy.onRequest(({ method }) => {
      if (method !== 'POST') return
      till.proxy.onRequest(null)
      till.stepWall(off)
      other.recovery.start()
      sweeps = other.recovery.stop()
    })
    await paying.pay(aCaller(), aPayment({ orderId: 'o1' })).catch((error: ServiceError) => {
      expect(error.row.type).toBe('upstream_error')
    })
    await sweeps
    await till.recover(other)
    expect(await till.attempts.nextDueAt()).toBeNull()
    const again = await other.pay(aCaller(), aPayment({ orderId: 'o1', card: 'tok_mastercard' }))
    expect(again.intent.status).toBe('succeeded')
    expect(await till.succeeded()).toBe(1)
  })

  test('between a lost answer and its repeat, no second card is charged', async () => {
    await loseAnswers('reset_after', () => till.open().pay(aCaller(), aPayment({ card: 'pm_card_visa' })))
    till.stepWall(off)
    const { intent } = await till.open().pay(aCaller(), aPayment({ card: 'pm_card_visa' }))
    expect(intent.status).toBe('succeeded')
    expect(await till.succeeded()).toBe(1)
  })
})

test('that a call was not made takes two looks that are two minutes apart at Stripe, whatever the wall says', async () => {
  await loseAnswers('reset_before', () => till.open().pay(aCaller('key-1'), aPayment({ orderId: 'o1' })))
  const payments = till.open()
  await till.advance(11 * MINUTE)
  const isOpen = async () => (await till.attempts.nextDueAt()) !== null
  await till.recover(payments, 1)
  till.stepWall(10 * DAY)
  await till.recover(payments, 1)
  expect(await isOpen()).toBe(true)
  till.stepWall(-10 * DAY)
  await till.advance(2 * MINUTE)
  await till.recover(payments, 2)
  expect(await isOpen()).toBe(false)
  expect(await till.attempts.findOrder(APP, '', 'o1')).toBeNull()
  await payments.pay(aCaller('key-1'), aPayment({ orderId: 'o1' }))
  expect(await till.succeeded()).toBe(1)
})

test('an attempt that this process is at is not taken up by it, however far its clock steps', async () => {
  const payments = till.open()
  till.proxy.failNext({ kind: 'delay', ms: 60, when: 'before' })
  const paying = payments.pay(aCaller(), aPayment({ orderId: 'o1' }))
  while (till.proxy.requests.length === 0) await new Promise(setImmediate)
  till.stepWall(10 * DAY)
  payments.recovery.start()
  await payments.recovery.stop()
  expect(till.proxy.requests).toHaveLength(1)
  expect((await paying).intent.status).toBe('succeeded')
})
