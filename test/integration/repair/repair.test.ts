/** Gap repair from outside: webhooks that never came, a restart, and every event once all the same. */
import type { Stripe } from 'stripe'
import { describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { ALL, OFF, ONCE, types, withShop } from './with-shop.ts'

const shop = withShop()

describe('webhooks that are cut for a whole payment', () => {
  test('are made good by the next start: log, row and push, each once', async () => {
    await shop.start(OFF)
    const early = await shop.listen('')
    await shop.payOrder('pm_card_visa', { metadata: { order_id: 'order-0' } })
    await eventually(shop.allStored)
    await early.has(4)
    const lastId = String(early.events().at(-1)?.id)
    shop.server.sandbox.deliveries.dropNext(ALL)
    const intent = await shop.payOrder()
    const pinned = `selector=${encodeURIComponent(`paymentIntentId = '${intent.id}'`)}`
    await shop.server.sandbox.idle()

    await shop.restart(ONCE)
    const live = await shop.listen(pinned)
    const back = await shop.listen('', { 'last-event-id': lastId })
    await eventually(shop.allStored, { what: 'the missing events' })
    await eventually(async () => ((await shop.owed()).length === 2 ? true : null), { what: 'the row' })
    const late = await shop.listen(pinned)

    const missed = [
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'charge.updated',
    ]
    await back.has(missed.length)
    await late.has(missed.length)
    await live.has(missed.length)
    await shop.server.sandbox.idle()
    for (const stream of [back, late, live]) expect(types(stream).sort()).toEqual([...missed].sort())
    expect((await shop.owed()).find((row) => row['order_id'] === 'order-1')).toMatchObject({
      id: intent.id,
      status: 'succeeded',
      amount_received: 1999,
      charge: intent.latest_charge,
    })
    // The log tells them in Stripe's order, and how they came.
    const repaired = (await shop.rows('/v1/events?limit=100&after=0')).filter(
      (row) => row['source'] === 'repair',
    )
    expect(repaired.map((row) => row['type'])).toEqual(missed)
    expect(shop.logged.filter(({ stored }) => stored === 4)).toHaveLength(1)

    await shop.restart(ONCE)
    await eventually(shop.allStored)
    expect(await shop.storedEventIds()).toHaveLength(8)
  })

  test('are made good by the timer, with no restart', async () => {
    await shop.start({ REPAIR_INTERVAL_SECONDS: '1' })
    const live = await shop.listen('')
    shop.server.sandbox.deliveries.dropNext(ALL)
    await shop.payOrder()
    await eventually(shop.allStored, { what: 'the missing events' })
    await live.has(4)
    expect(types(live)).toHaveLength(4)
  })

  test('leave nothing behind when more came than one page of the list holds', async () => {
    await shop.start(OFF)
    shop.server.sandbox.deliveries.dropNext(ALL)
    for (let made = 0; made < 60; made++) {
      await shop.stripe.paymentIntents.create({ amount: 500, currency: 'usd' })
      await shop.stripe.customers.create({ name: 'Pat' })
    }
    await shop.restart(ONCE)
    await eventually(async () => (await shop.count()) === 120, { what: '120 events' })
  })
})

describe('deliveries that are disturbed', () => {
  test('doubled, delayed and reversed end in the row that Stripe shows', async () => {
    await shop.start(OFF)
    const { deliveries } = shop.server.sandbox
    deliveries.pause()
    const intent = await shop.payOrder('pm_card_visa', { capture_method: 'manual' })
    deliveries.delayNext(1, 200)
    await shop.stripe.paymentIntents.capture(intent.id, { amount_to_capture: 1500 })
    deliveries.duplicateNext(20)
    await shop.stripe.refunds.create({ payment_intent: intent.id, amount: 300 })
    deliveries.resume('reversed')
    await eventually(shop.allStored)
    await shop.server.sandbox.idle()
    const row = await eventually(async () => {
      const [first] = await shop.owed()
      return first?.['amount_refunded'] === 799 ? first : null
    })
    const charge = await shop.stripe.charges.retrieve(String(intent.latest_charge))
    expect(row).toMatchObject({
      status: 'succeeded',
      amount: 1999,
      amount_received: 1500,
      amount_capturable: 0,
      amount_refunded: charge.amount_refunded,
    })
  })
})

describe('a payment that stays unfinished', () => {
  test('is read again when its events contradict each other within a second', async () => {
    await shop.start({ REPAIR_INTERVAL_SECONDS: '1' })
    const intent = await shop
      .payOrder('pm_card_chargeDeclined')
      .catch((error: Stripe.errors.StripeError) => error.payment_intent)
    const id = intent?.id ?? ''
    await shop.stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_authenticationRequired' })
    await eventually(async () => ((await statusOf(id)) === 'requires_action' ? true : null), {
      what: 'the reading',
      timeoutMs: 15_000,
    })
  })
})

/** As the product's own row has it. */
async function statusOf(id: string): Promise<unknown> {
  return (await shop.rows('/v1/payments')).find((row) => row['id'] === id)?.['status']
}
