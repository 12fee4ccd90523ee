/** Charges made the older way, refunds and disputes. */
import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { cardPayment, startSandbox, stripeErrorOf } from '../../test/support/start-sandbox.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

async function eventTypes(stripe: Stripe, after = 0): Promise<string[]> {
  const { data } = await stripe.events.list({ limit: 100 })
  return data
    .map(({ type }) => type)
    .reverse()
    .slice(after)
}

/** A paid charge, and how many events there were by then. */
async function paid(stripe: Stripe, card = 'tok_visa') {
  const charge = await stripe.charges.create({ amount: 1000, currency: 'usd', source: card })
  return { charge, events: (await eventTypes(stripe)).length }
}

describe('charges.create', () => {
  it('charges a token at once, booked and with its card', async () => {
    const { stripe } = await startSandbox()
    const { charge } = await paid(stripe)
    expect(charge).toMatchObject({
      amount: 1000,
      captured: true,
      paid: true,
      payment_intent: null,
      source: { object: 'card', brand: 'Visa', last4: '4242' },
      status: 'succeeded',
    })
    expect(charge.balance_transaction).toMatch(/^txn_/)
    expect(await eventTypes(stripe)).toEqual(['charge.succeeded'])
  })

  it("charges a customer's default card, and needs one", async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.customers.create({ source: 'tok_mastercard' })
    const charge = await stripe.charges.create({ amount: 1000, currency: 'usd', customer: id })
    expect(charge).toMatchObject({ customer: id, source: { brand: 'MasterCard' } })
    const cardless = (await stripe.customers.create()).id
    const create = (params: object) => stripe.charges.create({ amount: 1000, currency: 'usd', ...params })
    expect((await stripeErrorOf(create({ customer: cardless }))).code).toBe('missing')
    expect((await stripeErrorOf(create({}))).code).toBe('parameter_missing')
    expect((await stripeErrorOf(create({ source: 'card_none' }))).code).toBe('resource_missing')
  })

  it('declines with 402, and keeps the failed charge', async () => {
    const { stripe } = await startSandbox()
    const error = await stripeErrorOf(paid(stripe, 'tok_chargeDeclined'))
    expect(error).toMatchObject({ statusCode: 402, code: 'card_declined', decline_code: 'generic_decline' })
    const [failed] = (await stripe.charges.list()).data
    expect(failed).toMatchObject({
      id: (error.raw as { charge: string }).charge,
      status: 'failed',
      paid: false,
    })
    expect(await eventTypes(stripe)).toEqual(['charge.failed'])
  })

  it('declines a card that would want 3-D Secure', async () => {
    const { stripe } = await startSandbox()
    expect((await stripeErrorOf(paid(stripe, 'tok_threeDSecure2Required'))).code).toBe(
      'authentication_required',
    )
  })

  it('holds and captures, whole or in part, once', async () => {
    const { stripe } = await startSandbox()
    const hold = () =>
      stripe.charges.create({ amount: 1000, currency: 'usd', source: 'tok_visa', capture: false })
    const held = await hold()
    expect(held).toMatchObject({ captured: false, amount_captured: 0, paid: true })
    const tooMuch = await stripeErrorOf(stripe.charges.capture(held.id, { amount: 1001 }))
    expect(tooMuch.code).toBe('amount_too_large')
    expect(await stripe.charges.capture(held.id, { amount: 400 })).toMatchObject({
      captured: true,
      amount_captured: 400,
      amount_refunded: 600,
      refunded: false,
    })
    expect((await stripeErrorOf(stripe.charges.capture(held.id))).code).toBe('charge_already_captured')
    expect(await eventTypes(stripe)).toEqual(['charge.succeeded', 'charge.captured'])
  })

  it("captures an intent's charge together with the intent", async () => {
    const { stripe } = await startSandbox()
    const intent = await stripe.paymentIntents.create(cardPayment({ capture_method: 'manual' }))
    await stripe.charges.capture(String(intent.latest_charge))
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded')
  })

  it('lets a hold run out after seven days', async () => {
    const { sandbox, stripe } = await startSandbox()
    const held = await stripe.charges.create({
      amount: 1000,
      currency: 'usd',
      source: 'tok_visa',
      capture: false,
    })
    await sandbox.advance(7 * DAY)
    expect(await stripe.charges.retrieve(held.id)).toMatchObject({ captured: false, refunded: true })
    expect((await stripeErrorOf(stripe.charges.capture(held.id))).code).toBe('charge_already_refunded')
  })

  it('updates descriptions, and says what they were', async () => {
    const { stripe } = await startSandbox()
    const { charge } = await paid(stripe)
    await stripe.charges.update(charge.id, { description: 'A book', metadata: { order_id: '1' } })
    const [event] = (await stripe.events.list({ type: 'charge.updated' })).data
    expect(event?.data.previous_attributes).toEqual({ description: null, metadata: { order_id: null } })
  })
})

describe('a refund', () => {
  it('gives back a part, then the rest, and no more', async () => {
    const { stripe } = await startSandbox()
    const { charge, events } = await paid(stripe)
    const part = await stripe.refunds.create({ charge: charge.id, amount: 300, reason: 'duplicate' })
    expect(part).toMatchObject({ amount: 300, charge: charge.id, reason: 'duplicate', status: 'succeeded' })
    expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 300, refunded: false })
    const tooMuch = await stripeErrorOf(stripe.refunds.create({ charge: charge.id, amount: 701 }))
    expect(tooMuch.message).toBe('Refund amount ($7.01) is greater than unrefunded amount on charge ($7.00)')
    await stripe.refunds.create({ charge: charge.id })
    expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 1000, refunded: true })
    expect((await stripeErrorOf(stripe.refunds.create({ charge: charge.id }))).code).toBe(
      'charge_already_refunded',
    )
    expect(await eventTypes(stripe, events)).toEqual([
      'refund.created',
      'charge.refunded',
      'refund.created',
      'charge.refunded',
    ])
    const balance = await stripe.balanceTransactions.list({ type: 'refund' })
    expect(balance.data.map(({ amount }) => amount)).toEqual([-700, -300])
    expect((await stripe.refunds.list({ charge: charge.id })).data).toHaveLength(2)
  })

  it('is made by PaymentIntent, if it has paid', async () => {
    const { stripe } = await startSandbox()
    const intent = await stripe.paymentIntents.create(cardPayment())
    const refund = await stripe.refunds.create({ payment_intent: intent.id })
    expect(refund).toMatchObject({ payment_intent: intent.id, charge: intent.latest_charge, amount: 1999 })
    const open = await stripe.paymentIntents.create({ amount: 500, currency: 'usd' })
    const error = await stripeErrorOf(stripe.refunds.create({ payment_intent: open.id }))
    expect(error.code).toBe('payment_intent_unexpected_state')
    expect((await stripeErrorOf(stripe.refunds.create({}))).code).toBe('parameter_missing')
  })

  it('of a hold releases it, whole only', async () => {
    const { stripe } = await startSandbox()
    const { id } = await stripe.charges.create({
      amount: 900,
      currency: 'usd',
      source: 'tok_visa',
      capture: false,
    })
    expect((await stripeErrorOf(stripe.refunds.create({ charge: id, amount: 1 }))).param).toBe('amount')
    expect(await stripe.refunds.create({ charge: id })).toMatchObject({
      amount: 900,
      balance_transaction: null,
    })
    expect(await stripe.charges.retrieve(id)).toMatchObject({ refunded: true, captured: false })
  })

  it('of a failed charge is refused', async () => {
    const { stripe } = await startSandbox()
    await stripeErrorOf(paid(stripe, 'tok_chargeDeclined'))
    const [failed] = (await stripe.charges.list()).data
    const error = await stripeErrorOf(stripe.refunds.create({ charge: failed?.id ?? '' }))
    expect(error.code).toBe('charge_not_refundable')
  })

  it('can be pending first', async () => {
    const { sandbox, stripe } = await startSandbox()
    const { charge, events } = await paid(stripe, 'tok_pendingRefund')
    const refund = await stripe.refunds.create({ charge: charge.id })
    expect(refund).toMatchObject({
      status: 'pending',
      pending_reason: 'processing',
      balance_transaction: null,
    })
    await sandbox.advance(MINUTE)
    const settled = await stripe.refunds.retrieve(refund.id)
    expect(settled.status).toBe('succeeded')
    expect(settled.balance_transaction).toMatch(/^txn_/)
    expect(await eventTypes(stripe, events)).toEqual([
      'refund.created',
      'charge.refunded',
      'refund.updated',
      'charge.refund.updated',
    ])
  })

  it('can be canceled while it is pending, and not later', async () => {
    const { sandbox, stripe } = await startSandbox()
    const { charge } = await paid(stripe, 'tok_pendingRefund')
    const refund = await stripe.refunds.create({ charge: charge.id })
    expect((await stripe.refunds.cancel(refund.id)).status).toBe('canceled')
    expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 0, refunded: false })
    await sandbox.advance(MINUTE)
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe('canceled')
    expect((await stripeErrorOf(stripe.refunds.cancel(refund.id))).code).toBe('status_transition_invalid')
  })

  it('can fail later, and the money stays', async () => {
    const { sandbox, stripe } = await startSandbox()
    const { charge } = await paid(stripe, 'tok_refundFail')
    const refund = await stripe.refunds.create({ charge: charge.id })
    expect(refund.status).toBe('succeeded')
    await sandbox.advance(MINUTE)
    expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({
      status: 'failed',
      failure_reason: 'expired_or_canceled_card',
    })
    expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 0, refunded: false })
    const net = (await stripe.balanceTransactions.list()).data.reduce((sum, { amount }) => sum + amount, 0)
    expect(net).toBe(1000)
    const [event] = (await stripe.events.list({ type: 'charge.refund.updated' })).data
    expect(event?.data.previous_attributes).toMatchObject({ status: 'succeeded', failure_reason: null })
  })
})

describe('a dispute', () => {
  async function disputed(stripe: Stripe, card: string): Promise<Stripe.Dispute> {
    const intent = await stripe.paymentIntents.create(cardPayment({ payment_method: card }))
    const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data
    if (!dispute) throw new Error('no dispute')
    return dispute
  }

  it('takes the money, and blocks a refund', async () => {
    const { stripe } = await startSandbox()
    const dispute = await disputed(stripe, 'pm_card_createDispute')
    expect(dispute).toMatchObject({ amount: 1999, reason: 'fraudulent', status: 'needs_response' })
    expect(dispute.balance_transactions[0]).toMatchObject({ amount: -1999, fee: 1500, net: -3499 })
    expect((await stripe.charges.retrieve(String(dispute.charge))).disputed).toBe(true)
    const error = await stripeErrorOf(stripe.refunds.create({ charge: String(dispute.charge) }))
    expect(error.code).toBe('charge_disputed')
    expect((await eventTypes(stripe)).slice(-2)).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
    ])
  })

  it.each([
    [
      'winning_evidence',
      'won',
      ['charge.dispute.updated', 'charge.dispute.closed', 'charge.dispute.funds_reinstated'],
    ],
    ['losing_evidence', 'lost', ['charge.dispute.updated', 'charge.dispute.closed']],
    ['we shipped it', 'under_review', ['charge.dispute.updated']],
  ])('answered with %s is %s', async (uncategorized_text, status, types) => {
    const { stripe } = await startSandbox()
    const { id } = await disputed(stripe, 'pm_card_createDisputeProductNotReceived')
    const before = (await eventTypes(stripe)).length
    expect(await stripe.disputes.update(id, { evidence: { uncategorized_text } })).toMatchObject({ status })
    expect(await eventTypes(stripe, before)).toEqual(types)
  })

  it('can be staged before it is submitted, and accepted', async () => {
    const { stripe } = await startSandbox()
    const { id } = await disputed(stripe, 'pm_card_createDispute')
    const staged = await stripe.disputes.update(id, {
      evidence: { product_description: 'book' },
      submit: false,
    })
    expect(staged).toMatchObject({ status: 'needs_response', evidence_details: { has_evidence: true } })
    expect((await stripe.disputes.close(id)).status).toBe('lost')
    expect((await stripeErrorOf(stripe.disputes.close(id))).statusCode).toBe(400)
  })

  it('that is only an inquiry takes no money, and allows a refund', async () => {
    const { stripe } = await startSandbox()
    const dispute = await disputed(stripe, 'pm_card_createDisputeInquiry')
    expect(dispute).toMatchObject({ status: 'warning_needs_response', balance_transactions: [] })
    expect((await stripe.refunds.create({ charge: String(dispute.charge) })).status).toBe('succeeded')
    expect((await stripe.disputes.close(dispute.id)).status).toBe('warning_closed')
  })
})
