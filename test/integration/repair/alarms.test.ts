/** The alarms from outside: raised, logged once, and over. */
import { describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { withShop } from './with-shop.ts'

const shop = withShop()

describe('an alarm', () => {
  const standing = () => shop.rows('/v1/alarms')
  const standsOne = async () => {
    const found = await standing()
    return found.length === 1 && found
  }

  test('is raised when payments move without webhooks, logged once, and over when one comes', async () => {
    await shop.start({ REPAIR_INTERVAL_SECONDS: '1', WEBHOOKS_SILENT_SECONDS: '1' })
    shop.server.sandbox.deliveries.dropNext(4)
    await shop.payOrder()
    const [alarm] = await eventually(standsOne, {
      what: 'the alarm',
    })
    expect(alarm).toMatchObject({
      object: 'alarm',
      kind: 'webhooks_silent',
      subject: shop.server.appId,
      cleared_at: null,
    })
    await eventually(async () => (Number((await standing())[0]?.['count']) > 1 ? true : null), {
      what: 'a repeat',
    })
    expect(shop.logged.filter((line) => line['alarm'] === 'webhooks_silent')).toHaveLength(1)
    await shop.payOrder('pm_card_visa', { metadata: { order_id: 'order-2' } })
    await eventually(async () => ((await standing()).length === 0 ? true : null), {
      what: 'the end of the alarm',
    })
    expect(await shop.rows('/v1/alarms?status=all')).toMatchObject([{ cleared_at: expect.any(Number) }])
    expect(await shop.get('/v1/alarms?status=some')).toMatchObject({ error: { param: 'status' } })
  })

  test.each([{ order_id: 'order-5' }, {}])(
    'is raised when the amount at Stripe is not the amount that was asked for: %o',
    async (order) => {
      await shop.start()
      const token = await shop.stripe.tokens.create({
        card: { number: '4000002760003184', exp_month: '12', exp_year: '2034', cvc: '123' },
      })
      const charged = await shop.charge({ token: token.id, amount: 5000, currency: 'usd', ...order })
      const id = String(charged['id'])
      expect(id).toMatch(/^pi_/)
      await shop.stripe.paymentIntents.update(id, { amount: 50 })
      await shop.stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
      const [alarm] = await eventually(standsOne, {
        what: 'the alarm',
      })
      expect(alarm).toMatchObject({ kind: 'amount_mismatch', subject: id })
      expect(alarm?.['message']).toMatch(/50 usd at Stripe, of which 50 was received, but 5000 usd/)
    },
  )

  test('is not raised by a price that was changed, before or after its events came', async () => {
    await shop.start()
    const ask = async (path: string, body: object) => {
      const response = await fetch(shop.server.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${shop.server.serverKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect(response.status).toBe(200)
      return (await response.json()) as Record<string, string>
    }
    const paid = async (order: object) => {
      const { id = '' } = await ask('/v1/payments', { amount: 5000, currency: 'usd', ...order })
      await ask(`/v1/payments/${id}/price`, { amount: 4000 })
      await ask(`/v1/payments/${id}/confirm`, { payment_method: 'pm_card_visa', amount: 4000 })
      return id
    }
    const unpaid = await ask('/v1/payments', { amount: 5000, currency: 'usd', order_id: 'order-8' })
    await ask(`/v1/payments/${unpaid['id']}/price`, { amount: 4500 })
    for (const id of [await paid({ order_id: 'order-7' }), await paid({})]) {
      await eventually(async () => (await shop.get(`/v1/payments/${id}`))['status'] === 'succeeded', {
        what: 'the payment',
      })
    }
    // This one is looked at after the others, and does cost what nobody asked for.
    const wrong = await ask('/v1/payments', { amount: 5000, currency: 'usd' })
    await shop.stripe.paymentIntents.update(wrong['id'] ?? '', { amount: 60 })
    await shop.stripe.paymentIntents.confirm(wrong['id'] ?? '', { payment_method: 'pm_card_visa' })
    await eventually(standsOne, { what: 'the alarm' })
    expect(await shop.rows('/v1/alarms?status=all')).toMatchObject([{ subject: wrong['id'] }])
  })

  test('is raised twice when a cheap payment carries the order of an expensive one, and over once it is given back', async () => {
    await shop.start()
    const { id: token } = await shop.stripe.tokens.create({
      card: { number: '4242424242424242', exp_month: '12', exp_year: '2034', cvc: '123' },
    })
    await shop.charge({ token, amount: 5000, currency: 'usd', order_id: 'order-6' })
    const cheap = await shop.payOrder('pm_card_visa', { amount: 60, metadata: { order_id: 'order-6' } })
    await eventually(async () => (await standing()).length === 2, { what: 'both alarms' })
    const [mismatch, twice] = (await standing()).toSorted((a, b) =>
      String(a['kind']) < String(b['kind']) ? -1 : 1,
    )
    expect(mismatch).toMatchObject({ kind: 'amount_mismatch', subject: cheap.id })
    expect(twice).toMatchObject({ kind: 'order_paid_twice', subject: 'order-6' })
    expect(twice?.['message']).toContain(cheap.id)
    await shop.stripe.refunds.create({ payment_intent: cheap.id })
    await eventually(async () => (await standing()).length === 0, { what: 'the end of the alarm' })
  })

  test('is shown to a server key only', async () => {
    await shop.start()
    const response = await fetch(`${shop.server.url}/v1/alarms`, {
      headers: { authorization: `Bearer ${shop.server.clientKey}` },
    })
    expect(response.status).toBe(403)
  })
})
