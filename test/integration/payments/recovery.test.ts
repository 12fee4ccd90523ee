/** Answers that are lost, processes that die, keys that Stripe has forgotten: each order still ends known, charged once. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ServiceError } from '../../../packages/server/src/errors.ts'
import type { Fault } from '../../support/fault.ts'
import { APP, aCaller, aPayment, openTill, type Till } from './open-till.ts'

const HOUR = 3_600_000

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

/** A process that dies between its row and the end of its call leaves the row as it is at the claim. */
async function crashAfter(fault: Fault, orderId: string): Promise<void> {
  const dying = till.open()
  till.proxy.decideWith(() => fault)
  const error = await failure(dying.pay(aCaller(), aPayment({ orderId })))
  expect(error.row.type).toBe('upstream_error')
  till.proxy.decideWith(null)
}

describe('a call whose answer is lost', () => {
  test.each<[string, Fault, number]>([
    ['before Stripe heard of it', { kind: 'reset_before' }, 1],
    ['after Stripe did it', { kind: 'reset_after' }, 1],
    ['in the middle of the answer', { kind: 'half_body' }, 1],
    ['by a 500 after the work', { kind: 'status', status: 500, when: 'after' }, 1],
    ['by a 429 that did the work all the same', { kind: 'status', status: 429, when: 'after' }, 1],
  ])('%s is made once, within the same request', async (_name, fault, expected) => {
    till.proxy.failNext(fault)
    const { intent } = await till.open().pay(aCaller(), aPayment({ orderId: 'o1' }))
    expect(intent.status).toBe('succeeded')
    expect(await till.succeeded()).toBe(expected)
    expect(till.proxy.requests.filter(({ method }) => method === 'POST')).toHaveLength(2)
  })

  test('for longer is told as such, ends in the background, and is told to a repeat', async () => {
    await crashAfter({ kind: 'reset_after' }, 'o1')
    expect(await till.attempts.findOrder(APP, '', 'o1')).toBeNull()
    const payments = till.open()
    await till.recover(payments)
    expect(await till.attempts.findOrder(APP, '', 'o1')).not.toBeNull()
    const { intent } = await payments.pay(aCaller(), aPayment({ orderId: 'o1' }))
    expect(intent.status).toBe('succeeded')
    expect(await till.succeeded()).toBe(1)
  })

  test('is asked about again with growing pauses while Stripe stays away', async () => {
    await crashAfter({ kind: 'reset_before' }, 'o1')
    till.proxy.decideWith(() => ({ kind: 'reset_before' }))
    const payments = till.open()
    const pauses: number[] = []
    for (let round = 0; round < 4; round++) {
      const due = (await till.attempts.nextDueAt()) ?? 0
      pauses.push(due - till.now())
      await till.recover(payments, 1)
    }
    expect(pauses).toEqual([8_000, 16_000, 32_000, 64_000])
    till.proxy.decideWith(null)
    await till.recover(payments)
    expect(await till.succeeded()).toBe(1)
  })

  test('keeps another card of the order waiting until it is known', async () => {
    await crashAfter({ kind: 'reset_after' }, 'o1')
    till.proxy.decideWith(() => ({ kind: 'reset_before' }))
    const payments = till.open()
    const second = aPayment({ orderId: 'o1', card: 'tok_mastercard' })
    expect((await failure(payments.pay(aCaller(), second))).row.type).toBe('upstream_error')
    till.proxy.decideWith(null)
    const { intent } = await payments.pay(aCaller(), second)
    expect(intent.status).toBe('succeeded')
    expect(await till.succeeded()).toBe(1)
  })
})

describe('when Stripe has been away for long', () => {
  test('a card is not tried any more: what never reached Stripe has failed, and may be asked for again', async () => {
    await crashAfter({ kind: 'reset_before' }, 'o1')
    const payments = till.open()
    await till.advance(11 * 60_000)
    await till.recover(payments)
    expect(await till.succeeded()).toBe(0)
    expect(till.proxy.requests.at(-1)?.method).toBe('GET')
    expect(await till.attempts.nextDueAt()).toBeNull()
    await payments.pay(aCaller(), aPayment({ orderId: 'o1' }))
    expect(await till.succeeded()).toBe(1)
  })

  test('a charge that was made is found by its metadata, days after Stripe forgot the key', async () => {
    await crashAfter({ kind: 'reset_after' }, 'o1')
    const payments = till.open()
    await till.advance(49 * HOUR)
    await till.recover(payments)
    expect(await till.attempts.nextDueAt()).toBeNull()
    const { intent } = await payments.pay(aCaller(), aPayment({ orderId: 'o1' }))
    expect(intent.status).toBe('succeeded')
    expect(await till.succeeded()).toBe(1)
  })

  test('a decline that was lost is found as a decline', async () => {
    till.proxy.decideWith(() => ({ kind: 'reset_after' }))
    const declined = aPayment({ orderId: 'o1', card: 'tok_chargeDeclined' })
    await failure(till.open().pay(aCaller('key-1'), declined))
    till.proxy.decideWith(null)
    const payments = till.open()
    await till.advance(49 * HOUR)
    await till.recover(payments)
    const error = await failure(payments.pay(aCaller('key-1'), declined))
    expect(error).toMatchObject({ code: 'card_declined', details: { decline_code: 'generic_decline' } })
    await payments.pay(aCaller('key-2'), aPayment({ orderId: 'o1' }))
    expect(await till.succeeded()).toBe(1)
  })

  test('a key that never reached Stripe charges once when it comes again, a day later', async () => {
    till.proxy.decideWith(() => ({ kind: 'reset_before' }))
    await failure(till.open().pay(aCaller('key-1'), aPayment()))
    till.proxy.decideWith(null)
    const payments = till.open()
    await till.advance(25 * HOUR)
    await till.recover(payments)
    const first = await payments.pay(aCaller('key-1'), aPayment())
    const second = await payments.pay(aCaller('key-1'), aPayment())
    expect(second.intent.id).toBe(first.intent.id)
    expect(await till.succeeded()).toBe(1)
  })

  test('a refund whose answer was lost is found, and not made again', async () => {
    const payments = till.open()
    const { intent } = await payments.pay(aCaller(), aPayment({ orderId: 'o1' }))
    const refund = {
      operation: 'refund',
      paymentIntentId: intent.id,
      params: { amount: 500 },
      card: null,
    } as const
    till.proxy.decideWith(({ method }) => (method === 'POST' ? { kind: 'reset_after' } : null))
    await failure(payments.change(aCaller(), refund))
    till.proxy.decideWith(null)
    await till.advance(30 * HOUR)
    await till.recover(payments)
    // Nobody was told of the first one, so the same words mean it.
    const told = await payments.change(aCaller(), refund)
    expect(told.refundId).toMatch(/^re_/)
    const after = await till.stripe.refunds.list({ payment_intent: intent.id })
    expect(after.data).toHaveLength(1)
    // From now on the same words mean another refund.
    await payments.change(aCaller(), refund)
    expect((await till.stripe.refunds.list({ payment_intent: intent.id })).data).toHaveLength(2)
  })
})

describe('a card that never reached Stripe is not blamed for what another card of the order left behind', () => {
  const REFUSALS: readonly Fault[] = Array.from({ length: 3 }, () => ({
    kind: 'status',
    status: 500,
    when: 'before',
  }))
  const first = (card: string) => aPayment({ orderId: 'o1', card })
  const good = aPayment({ orderId: 'o1', card: 'pm_card_visa' })

  test.each(['tok_chargeDeclined', 'tok_threeDSecure2Required'])(
    '%s first: when Stripe fails for the whole request, and then does not',
    async (card) => {
      const payments = till.open()
      await payments.pay(aCaller('key-1'), first(card)).catch(() => undefined)
      till.proxy.failNext(REFUSALS)
      expect((await failure(payments.pay(aCaller('key-2'), good))).code).toBe('stripe_failed')
      const { intent } = await payments.pay(aCaller('key-2'), good)
      expect(intent.status).toBe('succeeded')
      expect(await till.succeeded()).toBe(1)
    },
  )

  test.each(['tok_chargeDeclined', 'tok_threeDSecure2Required'])(
    '%s first: when Stripe has been away for so long that the payment is looked up',
    async (card) => {
      const payments = till.open()
      await payments.pay(aCaller('key-1'), first(card)).catch(() => undefined)
      till.proxy.decideWith(() => ({ kind: 'reset_before' }))
      await failure(payments.pay(aCaller('key-2'), good))
      till.proxy.decideWith(null)
      await till.advance(11 * 60_000)
      await till.recover(payments)
      expect(await till.succeeded()).toBe(0)
      const { intent } = await payments.pay(aCaller('key-2'), good)
      expect(intent.status).toBe('succeeded')
      expect(await till.succeeded()).toBe(1)
    },
  )
})

test('a challenge that nobody was told of is the charge of its order, once it is met', async () => {
  const payments = till.open()
  const pay = (key: string, card: string) => payments.pay(aCaller(key), aPayment({ orderId: 'o1', card }))
  await failure(pay('key-1', 'tok_chargeDeclined'))
  till.proxy.decideWith(() => ({ kind: 'reset_after' }))
  await failure(pay('key-2', 'tok_threeDSecure2Required'))
  till.proxy.decideWith(null)
  await till.advance(11 * 60_000)
  await till.recover(payments)
  const { paymentIntentId = '' } = (await till.attempts.findOrder(APP, '', 'o1')) ?? {}
  await till.sandbox.completeAuthentication(paymentIntentId, 'succeed')
  const { intent } = await pay('key-3', 'tok_visa')
  expect(intent.status).toBe('succeeded')
  expect(await till.succeeded()).toBe(1)
})

describe('one order or key in many hands', () => {
  test('of fifty requests in three processes one charges, and all are told', async () => {
    const processes = [till.open(), till.open(), till.open()]
    const paid = await Promise.all(
      Array.from({ length: 50 }, (_, n) => {
        const payments = processes[n % 3]
        if (payments === undefined) throw new Error('no process')
        return payments.pay(aCaller(), aPayment({ orderId: 'o1' }))
      }),
    )
    expect(new Set(paid.map(({ intent }) => intent.id)).size).toBe(1)
    expect(await till.succeeded()).toBe(1)
  })

  test('with two cards at once one is charged', async () => {
    const [a, b] = [till.open(), till.open()]
    const paid = await Promise.all([
      a.pay(aCaller(), aPayment({ orderId: 'o1', card: 'tok_visa' })),
      b.pay(aCaller(), aPayment({ orderId: 'o1', card: 'tok_mastercard' })),
    ])
    expect(new Set(paid.map(({ intent }) => intent.latest_charge)).size).toBe(2)
    expect(new Set(paid.map(({ intent }) => intent.id)).size).toBe(1)
    expect(await till.succeeded()).toBe(1)
  })

  test('a declined card tells all that waited with it, and is tried once', async () => {
    const payments = till.open()
    const errors = await Promise.all(
      Array.from({ length: 10 }, () =>
        failure(payments.pay(aCaller(), aPayment({ orderId: 'o1', card: 'tok_chargeDeclined' }))),
      ),
    )
    expect(errors.map(({ code }) => code)).toEqual(Array.from({ length: 10 }, () => 'card_declined'))
    const { data } = await till.stripe.charges.list({ limit: 100 })
    expect(data).toHaveLength(1)
  })
})

test('a connected account goes with each call, also when it is repeated or looked up later', async () => {
  const caller = { ...aCaller(), account: 'acct_1Shop' }
  till.proxy.decideWith(() => ({ kind: 'reset_before' }))
  await failure(till.open().pay(caller, aPayment({ orderId: 'o1' })))
  till.proxy.decideWith(null)
  const payments = till.open()
  await till.recover(payments)
  await payments.pay(caller, aPayment({ orderId: 'o1' }))
  expect(till.proxy.requests.length).toBeGreaterThan(4)
  const accounts = till.proxy.requests.map(({ headers }) => headers['stripe-account'])
  expect(new Set(accounts)).toEqual(new Set(['acct_1Shop']))
  expect(await till.attempts.findOrder(APP, 'acct_1Shop', 'o1')).not.toBeNull()
  expect(await till.attempts.findOrder(APP, '', 'o1')).toBeNull()
})

describe('the guard', () => {
  test('is asked once for an attempt, however many wait for it', async () => {
    let asked = 0
    const payments = till.open({ admitAttempt: async () => void asked++ })
    await Promise.all(Array.from({ length: 20 }, () => payments.pay(aCaller(), aPayment({ orderId: 'o1' }))))
    expect(asked).toBe(1)
    await payments.pay(aCaller('key-1'), aPayment({ orderId: 'o2' }))
    await payments.pay(aCaller('key-1'), aPayment({ orderId: 'o2' }))
    expect(asked).toBe(2)
  })

  test('that refuses leaves nothing behind: not a call, not a key, not an open order', async () => {
    const refusal = new ServiceError('charge_limited', { message: 'Too many attempts.' })
    const guarded = till.open({ admitAttempt: () => Promise.reject(refusal) })
    const refused = await Promise.all(
      Array.from({ length: 5 }, () => failure(guarded.pay(aCaller('key-1'), aPayment({ orderId: 'o1' })))),
    )
    expect(refused.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'charge_limited'))
    expect(till.proxy.requests).toEqual([])
    expect(await till.attempts.nextDueAt()).toBeNull()
    // With another card under the same key: the first request never was.
    const { intent } = await till
      .open()
      .pay(aCaller('key-1'), aPayment({ orderId: 'o1', card: 'pm_card_visa' }))
    expect(intent.status).toBe('succeeded')
  })
})
