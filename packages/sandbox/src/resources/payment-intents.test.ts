/** PaymentIntents through their states, as the SDK sees them. */
import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { cardPayment, startSandbox, stripeErrorOf } from '../../test/support/start-sandbox.ts'

const typed = { number: '4242424242424242', exp_month: '12', exp_year: '2030', cvc: '123' }

/** Types of the events so far, oldest first. */
async function eventTypes(stripe: Stripe): Promise<string[]> {
  const { data } = await stripe.events.list({ limit: 100 })
  return data.map(({ type }) => type).reverse()
}

describe('a payment in one call', () => {
  it('with a token: succeeded, with its charge, and each event once', async () => {
    const { stripe } = await startSandbox()
    const token = await stripe.tokens.create({ card: typed })
    const intent = await stripe.paymentIntents.create({
      amount: 1999,
      currency: 'usd',
      confirm: true,
      allowed_payment_method_types: ['card'],
      payment_method_data: { type: 'card', card: { token: token.id } } as never,
      description: 'A book',
      metadata: { order_id: '42' },
      expand: ['latest_charge'],
    })
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 1999, amount_capturable: 0 })
    expect(intent.latest_charge).toMatchObject({
      object: 'charge',
      amount: 1999,
      amount_captured: 1999,
      captured: true,
      paid: true,
      status: 'succeeded',
      payment_intent: intent.id,
      description: 'A book',
      metadata: { order_id: '42' },
    })
    expect(await eventTypes(stripe)).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'charge.updated',
    ])
    expect((await stripe.tokens.retrieve(token.id)).used).toBe(true)
  })

  it('captured asynchronously, its booking comes with charge.updated; with capture_method automatic at once', async () => {
    const { stripe } = await startSandbox()
    const expand = ['latest_charge']
    const later = await stripe.paymentIntents.create(cardPayment({ expand }))
    const now = await stripe.paymentIntents.create(cardPayment({ expand, capture_method: 'automatic' }))
    expect((later.latest_charge as Stripe.Charge).balance_transaction).toBeNull()
    expect((now.latest_charge as Stripe.Charge).balance_transaction).toMatch(/^txn_/)
    const updates = await stripe.events.list({ type: 'charge.updated' })
    expect(updates.data.map(({ data }) => data.previous_attributes)).toEqual([{ balance_transaction: null }])
    const charge = await stripe.charges.retrieve((later.latest_charge as Stripe.Charge).id, {
      expand: ['balance_transaction'],
    })
    expect(charge.balance_transaction).toMatchObject({ amount: 1999, fee: 88, net: 1911 })
  })

  it('a token pays once', async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.tokens.create({ card: typed })
    const pay = () =>
      stripe.paymentIntents.create({
        ...cardPayment({ payment_method_data: { type: 'card', card: { token: id } } as never }),
        payment_method: undefined as never,
      })
    await pay()
    const error = await stripeErrorOf(pay())
    expect(error).toMatchObject({
      statusCode: 400,
      code: 'token_already_used',
      message: `You cannot use a Stripe token more than once: ${id}.`,
      param: 'payment_method_data[card][token]',
    })
  })

  it('a method without a customer pays once', async () => {
    const { stripe } = await startSandbox()
    const method = await stripe.paymentMethods.retrieve('pm_card_visa')
    await stripe.paymentIntents.create(cardPayment({ payment_method: method.id }))
    const error = await stripeErrorOf(
      stripe.paymentIntents.create(cardPayment({ payment_method: method.id })),
    )
    expect(error.message).toContain('It may not be used again')
  })
})

describe('a decline', () => {
  it('answers 402 with all that the SDK gives to an app, and leaves the intent open', async () => {
    const { stripe } = await startSandbox()
    const error = await stripeErrorOf(
      stripe.paymentIntents.create(
        cardPayment({ payment_method: 'pm_card_chargeDeclinedInsufficientFunds' }),
      ),
    )
    expect(error).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
      doc_url: 'https://stripe.com/docs/error-codes/card-declined',
    })
    const intent = error.payment_intent as Stripe.PaymentIntent
    const raw = error.raw as { charge: string; request_log_url: string }
    expect(raw.request_log_url).toContain(error.requestId)
    expect(error.payment_method?.object).toBe('payment_method')
    expect(intent).toMatchObject({
      status: 'requires_payment_method',
      payment_method: null,
      latest_charge: raw.charge,
      last_payment_error: { code: 'card_declined', charge: raw.charge, decline_code: 'insufficient_funds' },
    })
    expect(await stripe.charges.retrieve(raw.charge)).toMatchObject({
      status: 'failed',
      paid: false,
      captured: false,
      failure_code: 'card_declined',
    })
    expect(await eventTypes(stripe)).toEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
    ])
  })

  it('can be mended with another card', async () => {
    const { stripe } = await startSandbox()
    const error = await stripeErrorOf(
      stripe.paymentIntents.create(cardPayment({ payment_method: 'pm_card_chargeDeclined' })),
    )
    const mended = await stripe.paymentIntents.confirm((error.payment_intent as Stripe.PaymentIntent).id, {
      payment_method: 'pm_card_visa',
    })
    expect(mended).toMatchObject({ status: 'succeeded', last_payment_error: null })
  })
})

describe('3-D Secure', () => {
  const challenged = cardPayment({ payment_method: 'pm_card_authenticationRequired' })

  it('with a return_url sends the customer to a page, with use_stripe_sdk it leaves that to Stripe.js', async () => {
    const { stripe, url } = await startSandbox()
    const return_url = 'https://shop.example/done'
    const redirected = await stripe.paymentIntents.create({ ...challenged, return_url })
    const inPage = await stripe.paymentIntents.create({ ...challenged, return_url, use_stripe_sdk: true })
    const bare = await stripe.paymentIntents.create(challenged)
    expect(redirected).toMatchObject({ status: 'requires_action', next_action: { type: 'redirect_to_url' } })
    expect(redirected.next_action?.redirect_to_url?.url).toMatch(new RegExp(`^${url}/3ds/${redirected.id}`))
    for (const intent of [inPage, bare]) {
      expect(intent.next_action).toMatchObject({
        type: 'use_stripe_sdk',
        use_stripe_sdk: { type: 'three_d_secure_redirect' },
      })
    }
  })

  it('passed, the payment goes through, and the charge says that it was authenticated', async () => {
    const { sandbox, stripe } = await startSandbox()
    const { id } = await stripe.paymentIntents.create(challenged)
    sandbox.completeAuthentication(id, 'succeed')
    const intent = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] })
    expect(intent).toMatchObject({ status: 'succeeded', next_action: null })
    const charge = intent.latest_charge as Stripe.Charge
    expect(charge.payment_method_details?.card?.three_d_secure?.result).toBe('authenticated')
    expect((await eventTypes(stripe)).slice(0, 4)).toEqual([
      'payment_intent.created',
      'payment_intent.requires_action',
      'charge.succeeded',
      'payment_intent.succeeded',
    ])
  })

  it('failed, the intent asks for another method, and no charge was tried', async () => {
    const { sandbox, stripe } = await startSandbox()
    const { id } = await stripe.paymentIntents.create(challenged)
    sandbox.completeAuthentication(id, 'fail')
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      latest_charge: null,
      last_payment_error: { code: 'payment_intent_authentication_failure' },
    })
    expect(await eventTypes(stripe)).toContain('payment_intent.payment_failed')
    expect(() => sandbox.completeAuthentication(id, 'succeed')).toThrow('waits for no authentication')
  })

  it('with manual confirmation waits for the server after the challenge', async () => {
    const { sandbox, stripe } = await startSandbox()
    const { id } = await stripe.paymentIntents.create({ ...challenged, confirmation_method: 'manual' })
    sandbox.completeAuthentication(id, 'succeed')
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe('requires_confirmation')
    expect((await stripe.paymentIntents.confirm(id)).status).toBe('succeeded')
  })

  it('with manual capture ends in requires_capture', async () => {
    const { sandbox, stripe } = await startSandbox()
    const { id } = await stripe.paymentIntents.create({ ...challenged, capture_method: 'manual' })
    sandbox.completeAuthentication(id, 'succeed')
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe('requires_capture')
  })

  it('can be followed by a decline', async () => {
    const { sandbox, stripe } = await startSandbox()
    const { id } = await stripe.paymentIntents.create({
      ...challenged,
      payment_method: 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds',
    })
    sandbox.completeAuthentication(id, 'succeed')
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { decline_code: 'insufficient_funds' },
    })
  })

  it.each([{ off_session: true }, { error_on_requires_action: true }])(
    'with %j the card declines',
    async (more) => {
      const { stripe } = await startSandbox()
      const error = await stripeErrorOf(stripe.paymentIntents.create({ ...challenged, ...more }))
      expect(error).toMatchObject({ statusCode: 402, code: 'authentication_required' })
    },
  )

  it('is not asked again of a card that was set up for off-session payments', async () => {
    const { sandbox, stripe } = await startSandbox()
    const customer = (await stripe.customers.create()).id
    const setup = await stripe.setupIntents.create({
      customer,
      confirm: true,
      allowed_payment_method_types: ['card'],
      payment_method: 'pm_card_authenticationRequiredOnSetup',
    })
    expect(setup.status).toBe('requires_action')
    sandbox.completeAuthentication(setup.id, 'succeed')
    const [method] = (await stripe.customers.listPaymentMethods(customer)).data
    const payment = cardPayment({ customer, payment_method: method?.id ?? '', off_session: true })
    expect((await stripe.paymentIntents.create(payment)).status).toBe('succeeded')
  })

  it('is asked of an optional card only on request', async () => {
    const { stripe } = await startSandbox()
    const optional = cardPayment({ payment_method: 'pm_card_threeDSecureOptional' })
    expect((await stripe.paymentIntents.create(optional)).status).toBe('succeeded')
    const requested = await stripe.paymentIntents.create({
      ...optional,
      payment_method_options: { card: { request_three_d_secure: 'any' } },
    })
    expect(requested.status).toBe('requires_action')
  })
})

describe('capture by hand', () => {
  const held = cardPayment({ capture_method: 'manual' })

  it('captures all of it, or a part, and releases the rest', async () => {
    const { stripe } = await startSandbox()
    const whole = await stripe.paymentIntents.create(held)
    expect(whole).toMatchObject({ status: 'requires_capture', amount_capturable: 1999, amount_received: 0 })
    expect(await stripe.paymentIntents.capture(whole.id)).toMatchObject({
      status: 'succeeded',
      amount_capturable: 0,
      amount_received: 1999,
    })
    const part = await stripe.paymentIntents.create(held)
    const captured = await stripe.paymentIntents.capture(part.id, {
      amount_to_capture: 500,
      expand: ['latest_charge.balance_transaction'],
    })
    expect(captured).toMatchObject({ status: 'succeeded', amount: 1999, amount_received: 500 })
    expect(captured.latest_charge).toMatchObject({
      amount_captured: 500,
      amount_refunded: 1499,
      refunded: false,
      balance_transaction: { amount: 500 },
    })
    expect(await eventTypes(stripe)).toEqual(
      [1, 2].flatMap(() => [
        'payment_intent.created',
        'charge.succeeded',
        'payment_intent.amount_capturable_updated',
        'charge.captured',
        'payment_intent.succeeded',
      ]),
    )
  })

  it('captures no more than is held, and not twice', async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.paymentIntents.create(held)
    const tooMuch = await stripeErrorOf(stripe.paymentIntents.capture(id, { amount_to_capture: 2000 }))
    expect(tooMuch).toMatchObject({ code: 'amount_too_large', param: 'amount_to_capture' })
    await stripe.paymentIntents.capture(id)
    const again = await stripeErrorOf(stripe.paymentIntents.capture(id))
    expect(again).toMatchObject({ code: 'payment_intent_unexpected_state' })
    expect(again.payment_intent?.id).toBe(id)
  })

  it('cancelled, the charge is released', async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.paymentIntents.create(held)
    const canceled = await stripe.paymentIntents.cancel(id, {
      cancellation_reason: 'requested_by_customer',
      expand: ['latest_charge'],
    })
    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'requested_by_customer' })
    expect(canceled.latest_charge).toMatchObject({ captured: false, refunded: true, amount_refunded: 1999 })
    expect((await eventTypes(stripe)).slice(3)).toEqual([
      'refund.created',
      'charge.refunded',
      'payment_intent.canceled',
    ])
  })

  it('runs out after seven days', async () => {
    const { sandbox, stripe } = await startSandbox()
    const { id } = await stripe.paymentIntents.create(held)
    await sandbox.advance(7 * 24 * 3600_000 - 1)
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe('requires_capture')
    await sandbox.advance(1)
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'automatic',
    })
    expect(await eventTypes(stripe)).toContain('charge.expired')
  })
})

describe('a bank debit', () => {
  it.each([
    ['AT321904300235473204', 'succeeded', 'payment_intent.succeeded'],
    ['AT861904300235473202', 'requires_payment_method', 'payment_intent.payment_failed'],
  ])('of %s is processing for three minutes, then %s', async (iban, status, event) => {
    const { sandbox, stripe } = await startSandbox()
    const method = await stripe.paymentMethods.create({ type: 'sepa_debit', sepa_debit: { iban } })
    const intent = await stripe.paymentIntents.create(
      cardPayment({
        currency: 'eur',
        payment_method: method.id,
        allowed_payment_method_types: ['sepa_debit'],
        expand: ['latest_charge'],
      }),
    )
    expect(intent).toMatchObject({ status: 'processing', latest_charge: { status: 'pending', paid: false } })
    await sandbox.advance(3 * 60_000)
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe(status)
    expect(await eventTypes(stripe)).toContain(event)
  })
})

describe('step by step', () => {
  it('create, update, confirm', async () => {
    const { stripe } = await startSandbox()
    const created = await stripe.paymentIntents.create({ amount: 1000, currency: 'usd' })
    expect(created).toMatchObject({
      status: 'requires_payment_method',
      automatic_payment_methods: { enabled: true, allow_redirects: 'always' },
    })
    const updated = await stripe.paymentIntents.update(created.id, {
      amount: 1200,
      payment_method: 'pm_card_visa',
      metadata: { order_id: '1', note: 'x' },
    })
    expect(updated).toMatchObject({ status: 'requires_confirmation', amount: 1200 })
    const mistaken = stripe.paymentIntents.confirm(created.id, { amount_to_confirm: 1000 })
    expect((await stripeErrorOf(mistaken)).param).toBe('amount_to_confirm')
    const confirmed = await stripe.paymentIntents.confirm(created.id, {
      return_url: 'https://shop.example/done',
    })
    expect(confirmed).toMatchObject({ status: 'succeeded', amount_received: 1200 })
    const after = await stripe.paymentIntents.update(created.id, { metadata: { note: '' } })
    expect(after.metadata).toEqual({ order_id: '1' })
    const frozen = await stripeErrorOf(stripe.paymentIntents.update(created.id, { amount: 1 }))
    expect(frozen.code).toBe('payment_intent_unexpected_state')
  })

  it('a new price after a decline, and none once money is held or paid', async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.paymentIntents.create({
      amount: 1000,
      currency: 'usd',
      allowed_payment_method_types: ['card'],
    })
    await stripeErrorOf(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_chargeDeclined' }))
    const declined = await stripe.paymentIntents.retrieve(id)
    expect(declined.last_payment_error?.code).toBe('card_declined')
    const before = await eventTypes(stripe)
    const updated = await stripe.paymentIntents.update(id, { amount: 1200, currency: 'eur' })
    expect(updated).toMatchObject({
      status: 'requires_payment_method',
      amount: 1200,
      currency: 'eur',
      last_payment_error: null,
      latest_charge: declined.latest_charge,
    })
    expect(await eventTypes(stripe)).toEqual(before)
    expect((await stripeErrorOf(stripe.paymentIntents.update(id, { amount: 1 }))).code).toBe(
      'amount_too_small',
    )
    const held = await stripe.paymentIntents.create(
      cardPayment({ payment_method: 'pm_card_visa', confirm: true, capture_method: 'manual' }),
    )
    const refused = await stripeErrorOf(stripe.paymentIntents.update(held.id, { amount: 1200 }))
    expect(refused.code).toBe('payment_intent_unexpected_state')
  })

  it('an intent open to redirecting methods cannot be confirmed without return_url', async () => {
    const { stripe } = await startSandbox()
    const { allowed_payment_method_types: _, ...open } = cardPayment()
    const error = await stripeErrorOf(stripe.paymentIntents.create(open))
    expect(error.message).toContain('you must provide a `return_url`')
    const older = await stripe.paymentIntents.create(open, { apiVersion: '2022-11-15' })
    expect(older).toMatchObject({ status: 'succeeded', automatic_payment_methods: null })
    const never = { enabled: true, allow_redirects: 'never' as const }
    const paid = await stripe.paymentIntents.create({ ...open, automatic_payment_methods: never })
    expect(paid.status).toBe('succeeded')
  })

  it('setup_future_usage keeps the method for the customer', async () => {
    const { stripe } = await startSandbox()
    const customer = (await stripe.customers.create()).id
    const payment = cardPayment({ customer, setup_future_usage: 'off_session' })
    const { payment_method } = await stripe.paymentIntents.create(payment)
    const kept = await stripe.customers.listPaymentMethods(customer, { type: 'card' })
    expect(kept.data.map(({ id }) => id)).toEqual([payment_method])
  })

  it("another customer's method is refused", async () => {
    const { stripe } = await startSandbox()
    const owner = (await stripe.customers.create()).id
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: owner })
    for (const customer of [undefined, (await stripe.customers.create()).id]) {
      const payment = cardPayment({ payment_method: method.id, ...(customer && { customer }) })
      expect((await stripeErrorOf(stripe.paymentIntents.create(payment))).code).toBe(
        'payment_intent_invalid_parameter',
      )
    }
  })
})

describe('payment_method_types', () => {
  const body = 'amount=500&currency=usd&confirm=true&payment_method=pm_card_visa&payment_method_types[]=card'

  it.each([
    ['2026-10-28.endive', 400],
    ['2026-09-30.endive', 400],
    ['2026-08-26.dahlia', 200],
    ['2020-08-27', 200],
    [undefined, 200],
  ])('in version %s answers %i', async (version, status) => {
    const { request } = await startSandbox()
    const headers = version === undefined ? {} : { 'stripe-version': version }
    const answer = await request('POST', '/v1/payment_intents', { body, headers })
    expect(answer.status).toBe(status)
    if (status === 400) {
      expect(answer.json.error).toMatchObject({
        code: 'payment_method_types_no_longer_supported',
        param: 'payment_method_types',
      })
    } else expect(answer.json.payment_method_types).toEqual(['card'])
  })
})

describe('a page with a publishable key', () => {
  it('retrieves and confirms with the client secret, and sees nothing of the merchant', async () => {
    const { stripe, client } = await startSandbox()
    const page = client('pk_test_sandbox')
    const { id, client_secret } = await stripe.paymentIntents.create({
      amount: 1000,
      currency: 'usd',
      metadata: { margin: '80%' },
    })
    const shown = await page.paymentIntents.retrieve(id, { client_secret: client_secret ?? '' })
    expect(shown).toMatchObject({ id, amount: 1000, status: 'requires_payment_method' })
    expect(shown.metadata).toBeUndefined()
    const confirmed = await page.paymentIntents.confirm(id, {
      client_secret,
      payment_method: 'pm_card_visa',
      return_url: 'https://shop.example/done',
    } as never)
    expect(confirmed.status).toBe('succeeded')
    expect(confirmed.latest_charge).toBeUndefined()
  })

  it('gets nowhere without it, or with a wrong one', async () => {
    const { stripe, client } = await startSandbox()
    const page = client('pk_test_sandbox')
    const { id } = await stripe.paymentIntents.create({ amount: 1000, currency: 'usd' })
    expect((await stripeErrorOf(page.paymentIntents.retrieve(id))).code).toBe('parameter_missing')
    const wrong = await stripeErrorOf(page.paymentIntents.retrieve(id, { client_secret: `${id}_secret_x` }))
    expect(wrong.param).toBe('client_secret')
  })

  it('cannot confirm what the server confirms', async () => {
    const { stripe, client } = await startSandbox()
    const { id, client_secret } = await stripe.paymentIntents.create({
      ...cardPayment({ confirmation_method: 'manual' }),
      confirm: false,
    })
    const error = await stripeErrorOf(
      client('pk_test_sandbox').paymentIntents.confirm(id, { client_secret } as never),
    )
    expect(error.message).toContain('only be confirmed with a secret key')
  })
})
