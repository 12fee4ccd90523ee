/** Customers, their sources and payment methods, and setting methods up for later. */
import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { cardPayment, startSandbox, stripeErrorOf } from '../../test/support/start-sandbox.ts'

async function eventTypes(stripe: Stripe): Promise<string[]> {
  const { data } = await stripe.events.list({ limit: 100 })
  return data.map(({ type }) => type).reverse()
}

describe('a customer', () => {
  it('is created, changed and deleted, with an event each', async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.customers.create({
      name: 'Ada',
      email: 'ada@example.com',
      phone: '+49',
      metadata: { a: '1', b: '2' },
    })
    const updated = await stripe.customers.update(id, {
      email: 'a@example.com',
      phone: '',
      metadata: { a: '', b: '3' },
    })
    expect(updated).toMatchObject({ name: 'Ada', email: 'a@example.com', phone: null, metadata: { b: '3' } })
    expect(updated.metadata).not.toHaveProperty('a')
    const [event] = (await stripe.events.list({ type: 'customer.updated' })).data
    expect(event?.data.previous_attributes).toEqual({
      email: 'ada@example.com',
      phone: '+49',
      metadata: { a: '1', b: '2' },
    })
    expect(await stripe.customers.del(id)).toEqual(expect.objectContaining({ id, deleted: true }))
    expect(await stripe.customers.retrieve(id)).toMatchObject({ id, deleted: true })
    expect((await stripeErrorOf(stripe.customers.update(id, { name: 'x' }))).code).toBe('resource_missing')
    expect((await stripe.customers.list()).data).toEqual([])
    expect(await eventTypes(stripe)).toEqual(['customer.created', 'customer.updated', 'customer.deleted'])
  })

  it('has a default payment method among its own only', async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.customers.create({ payment_method: 'pm_card_visa' })
    const [own] = (await stripe.customers.listPaymentMethods(id)).data
    const set = (method: string) =>
      stripe.customers.update(id, { invoice_settings: { default_payment_method: method } })
    expect((await set(own?.id ?? '')).invoice_settings.default_payment_method).toBe(own?.id)
    const other = await stripe.paymentMethods.retrieve('pm_card_visa')
    expect((await stripeErrorOf(set(other.id))).code).toBe('resource_missing')
    await stripe.paymentMethods.detach(own?.id ?? '')
    expect(await stripe.customers.retrieve(id)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    })
  })
})

describe('sources', () => {
  it('come from tokens or typed cards; the first is the default, and the next when it goes', async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.customers.create()
    const first = await stripe.customers.createSource(id, { source: 'tok_visa' })
    const second = await stripe.customers.createSource(id, {
      source: {
        object: 'card',
        number: '5555555555554444',
        exp_month: 12,
        exp_year: 2030,
        cvc: '123',
      } as never,
    })
    expect(first).toMatchObject({ object: 'card', brand: 'Visa', customer: id })
    expect(await stripe.customers.retrieve(id)).toMatchObject({ default_source: first.id })
    expect((await stripe.customers.listSources(id)).data.map((source) => source.id)).toEqual([
      second.id,
      first.id,
    ])
    const renamed = await stripe.customers.updateSource(id, first.id, { name: 'Ada', exp_year: '2031' })
    expect(renamed).toMatchObject({ name: 'Ada', exp_year: 2031 })
    expect(await stripe.customers.deleteSource(id, first.id)).toMatchObject({ id: first.id, deleted: true })
    expect(await stripe.customers.retrieve(id)).toMatchObject({ default_source: second.id })
    expect((await stripeErrorOf(stripe.customers.retrieveSource(id, first.id))).code).toBe('resource_missing')
    expect((await eventTypes(stripe)).filter((type) => type.startsWith('customer.source'))).toEqual([
      'customer.source.created',
      'customer.source.created',
      'customer.source.updated',
      'customer.source.deleted',
    ])
  })

  it('that the bank refuses are not added', async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.customers.create()
    const error = await stripeErrorOf(stripe.customers.createSource(id, { source: 'tok_chargeDeclined' }))
    expect(error).toMatchObject({ statusCode: 402, code: 'card_declined' })
    expect((await stripe.customers.listSources(id)).data).toEqual([])
  })

  it('pay as PaymentMethods too', async () => {
    const { stripe } = await startSandbox()
    const { id, default_source } = await stripe.customers.create({ source: 'tok_visa' })
    const payment = cardPayment({ customer: id, payment_method: String(default_source) })
    expect((await stripe.paymentIntents.create(payment)).status).toBe('succeeded')
  })
})

describe('payment methods', () => {
  it('are attached, listed, changed and detached, and then of no more use', async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.customers.create()
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: id })
    expect((await stripe.paymentMethods.list({ customer: id, type: 'card' })).data).toHaveLength(1)
    expect((await stripe.paymentMethods.list({ customer: id, type: 'sepa_debit' })).data).toEqual([])
    const updated = await stripe.paymentMethods.update(method.id, {
      billing_details: { email: 'ada@example.com' },
      card: { exp_month: 1, exp_year: 2031 },
    })
    expect(updated).toMatchObject({ billing_details: { email: 'ada@example.com' }, card: { exp_year: 2031 } })
    expect((await stripe.paymentMethods.detach(method.id)).customer).toBeNull()
    for (const call of [
      stripe.paymentMethods.attach(method.id, { customer: id }),
      stripe.paymentMethods.detach(method.id),
      stripe.paymentMethods.update(method.id, { metadata: { a: '1' } }),
    ]) {
      expect((await stripeErrorOf(call)).code).toBe('payment_method_unexpected_state')
    }
    expect((await eventTypes(stripe)).slice(1)).toEqual([
      'payment_method.attached',
      'payment_method.updated',
      'payment_method.detached',
    ])
  })

  it('that the bank refuses are not attached; chargeCustomerFail is, and declines later', async () => {
    const { stripe } = await startSandbox()
    const customer = (await stripe.customers.create()).id
    const refused = stripe.paymentMethods.attach('pm_card_visa_chargeDeclined', { customer })
    expect((await stripeErrorOf(refused)).code).toBe('card_declined')
    const method = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer })
    const payment = stripe.paymentIntents.create(cardPayment({ customer, payment_method: method.id }))
    expect((await stripeErrorOf(payment)).code).toBe('card_declined')
  })

  it('of types that the sandbox does not have are refused clearly', async () => {
    const { stripe } = await startSandbox()
    const error = await stripeErrorOf(stripe.paymentMethods.create({ type: 'klarna' }))
    expect(error).toMatchObject({ param: 'type', code: 'payment_method_unsupported_type' })
    expect(error.message).toContain('use card or sepa_debit')
    const iban = stripe.paymentMethods.create({ type: 'sepa_debit', sepa_debit: { iban: 'nonsense' } })
    expect((await stripeErrorOf(iban)).param).toBe('sepa_debit[iban]')
  })
})

describe('a SetupIntent', () => {
  const setup = {
    confirm: true,
    allowed_payment_method_types: ['card' as const],
    payment_method: 'pm_card_visa',
  }

  it('saves a card for its customer', async () => {
    const { stripe } = await startSandbox()
    const customer = (await stripe.customers.create()).id
    const intent = await stripe.setupIntents.create({ ...setup, customer })
    expect(intent).toMatchObject({ status: 'succeeded', usage: 'off_session', customer })
    const [method] = (await stripe.customers.listPaymentMethods(customer)).data
    expect(method?.id).toBe(intent.payment_method)
    expect((await eventTypes(stripe)).slice(1)).toEqual([
      'setup_intent.created',
      'payment_method.attached',
      'setup_intent.succeeded',
    ])
  })

  it('goes step by step, and ends once', async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.setupIntents.create({ allowed_payment_method_types: ['card'] })
    expect((await stripeErrorOf(stripe.setupIntents.confirm(id))).code).toBe('setup_intent_unexpected_state')
    const updated = await stripe.setupIntents.update(id, { payment_method: 'pm_card_visa', description: 'x' })
    expect(updated).toMatchObject({ status: 'requires_confirmation', description: 'x' })
    expect((await stripe.setupIntents.confirm(id)).status).toBe('succeeded')
    for (const call of [stripe.setupIntents.confirm(id), stripe.setupIntents.cancel(id)]) {
      expect((await stripeErrorOf(call)).code).toBe('setup_intent_unexpected_state')
    }
    expect((await stripe.setupIntents.list()).data).toHaveLength(1)
  })

  it('that the bank refuses answers 402 and stays open', async () => {
    const { stripe } = await startSandbox()
    const error = await stripeErrorOf(
      stripe.setupIntents.create({ ...setup, payment_method: 'pm_card_chargeDeclined' }),
    )
    expect(error).toMatchObject({ statusCode: 402, code: 'card_declined' })
    expect(error.setup_intent).toMatchObject({
      status: 'requires_payment_method',
      last_setup_error: { code: 'card_declined' },
    })
    expect(await eventTypes(stripe)).toEqual(['setup_intent.created', 'setup_intent.setup_failed'])
  })

  it.each([
    ['succeed' as const, 'succeeded'],
    ['fail' as const, 'requires_payment_method'],
  ])('with 3-D Secure: %s, then %s', async (result, status) => {
    const { sandbox, stripe } = await startSandbox()
    const intent = await stripe.setupIntents.create({
      ...setup,
      payment_method: 'pm_card_authenticationRequired',
    })
    expect(intent.status).toBe('requires_action')
    sandbox.completeAuthentication(intent.id, result)
    const after = await stripe.setupIntents.retrieve(intent.id)
    expect(after.status).toBe(status)
    expect(after.last_setup_error?.code).toBe(
      result === 'fail' ? 'setup_intent_authentication_failure' : undefined,
    )
  })

  it('is confirmed from a page with its client secret', async () => {
    const { stripe, client } = await startSandbox()
    const { id, client_secret } = await stripe.setupIntents.create({ allowed_payment_method_types: ['card'] })
    const page = client('pk_test_sandbox')
    const params = { client_secret, payment_method: 'pm_card_visa' } as never
    const confirmed = await page.setupIntents.confirm(id, params)
    expect(confirmed.status).toBe('succeeded')
    expect(confirmed.metadata).toBeUndefined()
    expect((await stripeErrorOf(page.setupIntents.retrieve(id))).param).toBe('client_secret')
  })
})
