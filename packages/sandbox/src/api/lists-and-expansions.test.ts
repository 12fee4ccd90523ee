/** List pages, filters and expanded fields. */
import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { cardPayment, START, startSandbox, stripeErrorOf } from '../../test/support/start-sandbox.ts'
import { createManualClock } from '../index.ts'

async function withCustomers(count: number) {
  const clock = createManualClock(START)
  const started = await startSandbox({ clock })
  for (let i = 0; i < count; i++) {
    clock.set(START + i * 1000)
    await started.stripe.customers.create({ name: `c${i}`, email: `${i % 2 ? 'odd' : 'even'}@example.com` })
  }
  const names = (list: { data: Stripe.Customer[] }) => list.data.map(({ name }) => name)
  return { ...started, names }
}

describe('a list', () => {
  it('is newest first, ten at a time, and says whether there is more', async () => {
    const { stripe, names } = await withCustomers(12)
    const page = await stripe.customers.list()
    expect(page).toMatchObject({ object: 'list', url: '/v1/customers', has_more: true })
    expect(names(page)).toEqual(Array.from({ length: 10 }, (_, index) => `c${11 - index}`))
  })

  it('goes on after an object, and back before one', async () => {
    const { stripe, names } = await withCustomers(6)
    const first = await stripe.customers.list({ limit: 2 })
    const second = await stripe.customers.list({ limit: 2, starting_after: first.data[1]?.id ?? '' })
    expect([names(second), second.has_more]).toEqual([['c3', 'c2'], true])
    const third = await stripe.customers.list({ limit: 2, starting_after: second.data[1]?.id ?? '' })
    expect([names(third), third.has_more]).toEqual([['c1', 'c0'], false])
    const back = await stripe.customers.list({ limit: 2, ending_before: third.data[0]?.id ?? '' })
    expect([names(back), back.has_more]).toEqual([['c3', 'c2'], true])
    const newest = await stripe.customers.list({ limit: 5, ending_before: second.data[0]?.id ?? '' })
    expect([names(newest), newest.has_more]).toEqual([['c5', 'c4'], false])
  })

  it("is walked whole by the SDK's own paging", async () => {
    const { stripe } = await withCustomers(25)
    const all = await stripe.customers.list({ limit: 7 }).autoPagingToArray({ limit: 100 })
    expect(new Set(all.map(({ id }) => id)).size).toBe(25)
  })

  it('is filtered by field and by time', async () => {
    const { stripe, names } = await withCustomers(4)
    expect(names(await stripe.customers.list({ email: 'odd@example.com' }))).toEqual(['c3', 'c1'])
    const second = START / 1000
    expect(names(await stripe.customers.list({ created: { gte: second + 1, lt: second + 3 } }))).toEqual([
      'c2',
      'c1',
    ])
    expect(names(await stripe.customers.list({ created: second + 2 }))).toEqual(['c2'])
  })

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=x', 'limit'],
    ['starting_after=cus_none', 'starting_after'],
    ['ending_before=cus_none', 'ending_before'],
  ])('with %s is refused', async (query, param) => {
    const { request } = await startSandbox()
    const { status, json } = await request('GET', `/v1/customers?${query}`)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(json.error.param).toBe(param)
  })

  it('of events takes names, groups and times', async () => {
    const { stripe } = await startSandbox()
    await stripe.paymentIntents.create(cardPayment())
    const types = async (params: Stripe.EventListParams) =>
      (await stripe.events.list(params)).data.map(({ type }) => type)
    expect(await types({ types: ['charge.succeeded', 'payment_intent.created'] })).toEqual([
      'charge.succeeded',
      'payment_intent.created',
    ])
    expect(await types({ type: 'charge.*' })).toEqual(['charge.updated', 'charge.succeeded'])
    expect(await types({ type: 'charge.[a-z]*' })).toEqual([])
    expect(await types({ created: { lt: START / 1000 } })).toEqual([])
    const error = await stripeErrorOf(stripe.events.list({ type: 'charge.*', types: ['charge.updated'] }))
    expect(error.code).toBe('parameters_exclusive')
  })
})

describe('expand', () => {
  it('goes through objects, lists and fields that are otherwise absent', async () => {
    const { stripe } = await startSandbox()
    const customer = (await stripe.customers.create({ name: 'Ada', source: 'tok_visa' })).id
    const intent = await stripe.paymentIntents.create(cardPayment({ customer, capture_method: 'automatic' }))
    await stripe.refunds.create({ payment_intent: intent.id, amount: 100 })

    const deep = await stripe.paymentIntents.retrieve(intent.id, {
      expand: [
        'latest_charge.balance_transaction',
        'latest_charge.refunds',
        'customer.default_source',
        'payment_method',
      ],
    })
    expect(deep).toMatchObject({
      customer: { name: 'Ada', default_source: { object: 'card', last4: '4242' } },
      latest_charge: {
        balance_transaction: { object: 'balance_transaction' },
        refunds: { object: 'list', data: [{ amount: 100 }], has_more: false },
      },
      payment_method: { object: 'payment_method' },
    })
    const plain = await stripe.paymentIntents.retrieve(intent.id)
    expect(plain.customer).toBe(customer)
    const list = await stripe.charges.list({
      expand: ['data.customer', 'data.payment_intent.payment_method'],
    })
    expect(list.data[0]).toMatchObject({
      customer: { name: 'Ada' },
      payment_intent: { id: intent.id, payment_method: { object: 'payment_method' } },
    })
    const owner = await stripe.customers.retrieve(customer, { expand: ['sources', 'subscriptions'] })
    expect(owner).toMatchObject({ sources: { data: [{ last4: '4242' }] }, subscriptions: { data: [] } })
    const [transaction] = (
      await stripe.balanceTransactions.list({ limit: 1, expand: ['data.source.charge'] })
    ).data
    expect(transaction?.source).toMatchObject({ object: 'refund', charge: { object: 'charge' } })
  })

  it('leaves a null alone, and shows a deleted customer as one', async () => {
    const { stripe } = await startSandbox()
    const customer = (await stripe.customers.create()).id
    const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'usd', customer })
    await stripe.customers.del(customer)
    const expand = ['customer', 'latest_charge.customer']
    expect(await stripe.paymentIntents.retrieve(id, { expand })).toMatchObject({
      customer: { id: customer, object: 'customer', deleted: true },
      latest_charge: null,
    })
  })

  it.each([
    ['foo', 'This property cannot be expanded (foo).'],
    ['amount', 'This property cannot be expanded (amount).'],
    ['data.customer', 'This property cannot be expanded (data.customer).'],
    ['customer.foo', 'This property cannot be expanded (customer.foo).'],
    ['latest_charge.a.b.c.d', 'You cannot expand more than 4 levels'],
  ])('of %s is refused, and nothing is done', async (path, message) => {
    const { stripe } = await startSandbox()
    const customer = (await stripe.customers.create()).id
    const error = await stripeErrorOf(stripe.paymentIntents.create(cardPayment({ customer, expand: [path] })))
    expect(error).toMatchObject({ statusCode: 400, param: 'expand' })
    expect(error.message).toContain(message)
    expect((await stripe.charges.list()).data).toEqual([])
  })

  it('of a list needs data', async () => {
    const { stripe } = await startSandbox()
    const error = await stripeErrorOf(stripe.charges.list({ expand: ['customer'] }))
    expect(error.message).toContain("You may want to try expanding 'data.customer'")
  })
})
