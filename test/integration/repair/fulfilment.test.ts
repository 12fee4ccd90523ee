/** What is paid and not delivered yet, and the word that it was, from outside. */
import { describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { OFF, type Row, withShop } from './with-shop.ts'

const shop = withShop()

describe('the word that a payment was delivered', () => {
  test('counts once, also when two say it at the same time, and takes it off the list', async () => {
    await shop.start()
    const intent = await shop.payOrder()
    await eventually(async () => ((await shop.owed()).length === 1 ? true : null))
    const answers = await Promise.all([
      shop.fulfil(intent.id),
      shop.fulfil(String(intent.latest_charge)),
      shop.fulfil(intent.id),
    ])
    expect(answers.map((answer) => answer['http'])).toEqual([200, 200, 200])
    expect(answers.filter((answer) => answer['newly_fulfilled'] === true)).toHaveLength(1)
    expect(new Set(answers.map((answer) => answer['fulfilled_at'])).size).toBe(1)
    expect(answers[0]).toMatchObject({
      object: 'payment',
      id: intent.id,
      order_id: 'order-1',
      status: 'succeeded',
    })
    expect(await shop.owed()).toEqual([])
    await shop.restart()
    expect(await shop.fulfil(intent.id)).toMatchObject({
      newly_fulfilled: false,
      fulfilled_at: answers[0]?.['fulfilled_at'],
    })
  })

  test('is taken before any webhook has come, since Stripe is asked', async () => {
    await shop.start(OFF)
    shop.server.sandbox.deliveries.pause()
    const intent = await shop.payOrder()
    expect(await shop.fulfil(intent.id)).toMatchObject({
      http: 200,
      newly_fulfilled: true,
      status: 'succeeded',
    })
    const other = await shop.payOrder('pm_card_visa', { metadata: { order_id: 'order-2' } })
    expect(await shop.fulfil(String(other.latest_charge))).toMatchObject({
      http: 200,
      id: other.id,
      newly_fulfilled: true,
    })
    shop.server.sandbox.deliveries.resume()
    await eventually(shop.allStored)
    expect(await shop.owed()).toEqual([])
    expect(await shop.fulfil(intent.id)).toMatchObject({ newly_fulfilled: false })
  })

  test('is refused for what is not paid, unknown, or said with a client key', async () => {
    await shop.start()
    const { id } = await shop.stripe.paymentIntents.create({ amount: 500, currency: 'usd' })
    expect(await shop.fulfil(id)).toMatchObject({
      http: 409,
      error: { code: 'payment_not_paid', payment_status: 'requires_payment_method' },
    })
    expect(await shop.fulfil('pi_unknown')).toMatchObject({ http: 404, error: { code: 'resource_missing' } })
    expect(await shop.fulfil('ch_unknown')).toMatchObject({ http: 404, error: { code: 'resource_missing' } })
    expect(await shop.fulfil(id, shop.server.clientKey)).toMatchObject({
      http: 403,
      error: { code: 'server_key_required' },
    })
  })

  test('is refused for what was given back, disputed, held or canceled, with the facts, also before webhooks', async () => {
    await shop.start(OFF)
    shop.server.sandbox.deliveries.pause()
    const order = (id: string) => ({ metadata: { order_id: id } })
    const given = await shop.payOrder('pm_card_visa', order('given'))
    await shop.stripe.refunds.create({ payment_intent: given.id })
    expect(await shop.fulfil(given.id)).toMatchObject({
      http: 409,
      error: { code: 'payment_refunded', amount_refunded: 1999, amount_received: 1999 },
    })
    const part = await shop.payOrder('pm_card_visa', order('part'))
    await shop.stripe.refunds.create({ payment_intent: part.id, amount: 500 })
    expect(await shop.fulfil(part.id)).toMatchObject({
      newly_fulfilled: true,
      partly_refunded: true,
      amount_refunded: 500,
    })
    const disputed = await shop.payOrder('pm_card_createDispute', order('disputed'))
    expect(await shop.fulfil(disputed.id)).toMatchObject({
      http: 409,
      error: { code: 'payment_disputed', dispute_status: 'needs_response' },
    })
    const held = await shop.payOrder('pm_card_visa', { ...order('held'), capture_method: 'manual' })
    expect(await shop.fulfil(held.id)).toMatchObject({
      http: 409,
      error: { code: 'payment_not_paid', payment_status: 'requires_capture' },
    })
    await shop.stripe.paymentIntents.cancel(held.id)
    expect(await shop.fulfil(held.id)).toMatchObject({
      http: 409,
      error: { code: 'payment_not_paid', payment_status: 'canceled' },
    })
  })

  test('is not said again to a repeat once the money went back, nor while it is disputed', async () => {
    await shop.start(OFF)
    const repeat = async (id: string) => {
      const response = await fetch(`${shop.server.url}/v1/payments/${id}/fulfill`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${shop.server.serverKey}`,
          'idempotency-key': `delivery-of-${id}`,
        },
      })
      return { http: response.status, ...((await response.json()) as Row) }
    }
    const { id } = await shop.payOrder()
    expect(await repeat(id)).toMatchObject({ http: 200, newly_fulfilled: true })
    expect(await repeat(id)).toMatchObject({ http: 200, newly_fulfilled: true })
    shop.server.sandbox.deliveries.pause()
    await shop.stripe.refunds.create({ payment_intent: id })
    expect(await repeat(id)).toMatchObject({ http: 409, error: { code: 'payment_refunded' } })
    // Who asks without that key is told that it was said before, and what was given back.
    expect(await shop.fulfil(id)).toMatchObject({ http: 200, newly_fulfilled: false, amount_refunded: 1999 })
  })

  test('counts once for an order that two payments have paid, and names the other', async () => {
    await shop.start()
    const [first, second] = [await shop.payOrder(), await shop.payOrder()]
    const answers = await Promise.all([shop.fulfil(first.id), shop.fulfil(second.id)])
    expect(answers.map(({ http }) => http)).toEqual([200, 200])
    const [winner] = answers.filter((answer) => answer['newly_fulfilled'] === true)
    expect(answers.filter((answer) => answer['newly_fulfilled'] === true)).toHaveLength(1)
    expect(answers.map((answer) => answer['fulfilled_by'])).toEqual([winner?.['id'], winner?.['id']])
    await eventually(shop.allStored)
    expect(await shop.owed()).toEqual([])
    const alarms = await eventually(async () => {
      const standing = await shop.rows('/v1/alarms')
      return standing.length > 0 ? standing : null
    })
    expect(alarms).toMatchObject([{ kind: 'order_paid_twice', subject: 'order-1' }])
  })

  test('is listed by pages, and a refunded payment is owed no more', async () => {
    await shop.start()
    const made: string[] = []
    for (const order of ['a', 'b', 'c']) {
      made.push((await shop.payOrder('pm_card_visa', { metadata: { order_id: order } })).id)
    }
    await eventually(async () => ((await shop.owed()).length === 3 ? true : null))
    const first = await shop.get('/v1/payments/unfulfilled?limit=2')
    expect(first).toMatchObject({ object: 'list', url: '/v1/payments/unfulfilled', has_more: true })
    const [, last] = first['data'] as readonly Row[]
    const rest = await shop.rows(`/v1/payments/unfulfilled?starting_after=${last?.['id']}`)
    expect([...(first['data'] as readonly Row[]), ...rest].map((row) => row['id']).sort()).toEqual(
      [...made].sort(),
    )
    await shop.stripe.refunds.create({ payment_intent: made[0] ?? '' })
    await eventually(async () => ((await shop.owed()).length === 2 ? true : null), { what: 'the refund' })
    expect(await shop.get('/v1/payments/unfulfilled?limit=0')).toMatchObject({
      error: { code: 'parameter_invalid', param: 'limit' },
    })
    expect(await shop.get('/v1/payments/unfulfilled?starting_after=pi_9')).toMatchObject({
      error: { code: 'resource_missing', param: 'starting_after' },
    })
  })
})
