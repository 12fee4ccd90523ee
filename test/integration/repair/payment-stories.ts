/** What can become of a payment, each played at the sandbox. */
import type { Stripe } from 'stripe'
import type { Stage, Story } from './record-payment.ts'

function create(stage: Stage, more: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  return stage.stripe.paymentIntents.create({
    amount: 2000,
    currency: 'usd',
    allowed_payment_method_types: ['card'],
    metadata: { order_id: 'order-7' },
    ...more,
  })
}

async function confirm(stage: Stage, id: string, card: string): Promise<void> {
  await stage.next()
  await stage.stripe.paymentIntents.confirm(id, { payment_method: card }).catch(expectDecline)
}

/** A decline is part of a story, any other error is not. */
function expectDecline(error: unknown): void {
  if ((error as { type?: string }).type !== 'StripeCardError') throw error
}

async function paid(stage: Stage, card = 'pm_card_visa'): Promise<string> {
  const { id } = await create(stage)
  await confirm(stage, id, card)
  return id
}

async function held(stage: Stage): Promise<string> {
  const { id } = await create(stage, { capture_method: 'manual' })
  await confirm(stage, id, 'pm_card_visa')
  await stage.next()
  return id
}

async function refund(stage: Stage, payment_intent: string, amount?: number): Promise<void> {
  await stage.next()
  await stage.stripe.refunds.create({ payment_intent, ...(amount === undefined ? {} : { amount }) })
}

async function disputed(stage: Stage, card: string): Promise<{ id: string; dispute: string }> {
  const id = await paid(stage, card)
  await stage.wait(1)
  const { data } = await stage.stripe.disputes.list({ payment_intent: id })
  const dispute = data[0]?.id
  if (dispute === undefined) throw new Error('the card brought no dispute')
  await stage.next()
  return { id, dispute }
}

async function sepa(stage: Stage, iban: string): Promise<string> {
  const method = await stage.stripe.paymentMethods.create({
    type: 'sepa_debit',
    sepa_debit: { iban },
    billing_details: { name: 'Pat Payer', email: 'pat@example.com' },
  })
  const { id } = await create(stage, { currency: 'eur', allowed_payment_method_types: ['sepa_debit'] })
  await stage.next()
  await stage.stripe.paymentIntents.confirm(id, {
    payment_method: method.id,
    mandate_data: { customer_acceptance: { type: 'offline' } },
  })
  return id
}

export const stories: Readonly<Record<string, Story>> = {
  'created and left': async (stage) => (await create(stage)).id,
  success: (stage) => paid(stage),
  'a decline': (stage) => paid(stage, 'pm_card_chargeDeclined'),
  'a decline, then success': async (stage) => {
    const id = await paid(stage, 'pm_card_chargeDeclined')
    await confirm(stage, id, 'pm_card_visa')
    return id
  },
  'two declines': async (stage) => {
    const id = await paid(stage, 'pm_card_chargeDeclined')
    await confirm(stage, id, 'pm_card_chargeDeclinedInsufficientFunds')
    return id
  },
  'a decline, then 3-D Secure left open': async (stage) => {
    const id = await paid(stage, 'pm_card_chargeDeclined')
    await confirm(stage, id, 'pm_card_authenticationRequired')
    return id
  },
  '3-D Secure left open': (stage) => paid(stage, 'pm_card_authenticationRequired'),
  '3-D Secure passed': async (stage) => {
    const id = await paid(stage, 'pm_card_authenticationRequired')
    await stage.next()
    stage.sandbox.completeAuthentication(id, 'succeed')
    return id
  },
  '3-D Secure failed': async (stage) => {
    const id = await paid(stage, 'pm_card_authenticationRequired')
    await stage.next()
    stage.sandbox.completeAuthentication(id, 'fail')
    return id
  },
  'a hold captured whole': async (stage) => {
    const id = await held(stage)
    await stage.stripe.paymentIntents.capture(id)
    return id
  },
  'a hold captured in part': async (stage) => {
    const id = await held(stage)
    await stage.stripe.paymentIntents.capture(id, { amount_to_capture: 600 })
    return id
  },
  'a hold captured in part, then refunded in part': async (stage) => {
    const id = await held(stage)
    await stage.stripe.paymentIntents.capture(id, { amount_to_capture: 600 })
    await refund(stage, id, 100)
    return id
  },
  'a hold captured in part, then a refund that fails, then another one': async (stage) => {
    const { id } = await create(stage, { capture_method: 'manual' })
    await confirm(stage, id, 'pm_card_refundFail')
    await stage.next()
    await stage.stripe.paymentIntents.capture(id, { amount_to_capture: 600 })
    await refund(stage, id, 100)
    await stage.wait(120_000)
    await refund(stage, id, 200)
    return id
  },
  'another amount before it is paid': async (stage) => {
    const { id } = await create(stage)
    await stage.next()
    await stage.stripe.paymentIntents.update(id, { amount: 3500 })
    await confirm(stage, id, 'pm_card_visa')
    return id
  },
  'a hold let go': async (stage) => {
    const id = await held(stage)
    await stage.stripe.paymentIntents.cancel(id)
    return id
  },
  'a hold that expires': async (stage) => {
    const id = await held(stage)
    await stage.wait(8 * 24 * 3600_000)
    return id
  },
  canceled: async (stage) => {
    const { id } = await create(stage)
    await stage.next()
    await stage.stripe.paymentIntents.cancel(id, { cancellation_reason: 'abandoned' })
    return id
  },
  'refunded whole': async (stage) => {
    const id = await paid(stage)
    await refund(stage, id)
    return id
  },
  'refunded in parts': async (stage) => {
    const id = await paid(stage)
    for (const amount of [500, 300, 200]) await refund(stage, id, amount)
    return id
  },
  'a refund that fails': async (stage) => {
    const id = await paid(stage, 'pm_card_refundFail')
    await refund(stage, id, 500)
    await stage.wait(120_000)
    return id
  },
  'a refund that fails, then another one': async (stage) => {
    const id = await paid(stage, 'pm_card_refundFail')
    await refund(stage, id, 500)
    await stage.wait(120_000)
    await refund(stage, id, 700)
    return id
  },
  'a pending refund': async (stage) => {
    const id = await paid(stage, 'pm_card_pendingRefund')
    await refund(stage, id, 500)
    await stage.wait(120_000)
    return id
  },
  'a pending refund that is called back': async (stage) => {
    const id = await paid(stage, 'pm_card_pendingRefund')
    await refund(stage, id, 500)
    await stage.next()
    const { data } = await stage.stripe.refunds.list({ payment_intent: id })
    await stage.stripe.refunds.cancel(data[0]?.id ?? '')
    return id
  },
  'a dispute won': async (stage) => {
    const { id, dispute } = await disputed(stage, 'pm_card_createDispute')
    await stage.stripe.disputes.update(dispute, { evidence: { uncategorized_text: 'winning_evidence' } })
    return id
  },
  'a dispute lost': async (stage) => {
    const { id, dispute } = await disputed(stage, 'pm_card_createDispute')
    await stage.stripe.disputes.update(dispute, { evidence: { uncategorized_text: 'losing_evidence' } })
    return id
  },
  'a dispute given up': async (stage) => {
    const { id, dispute } = await disputed(stage, 'pm_card_createDisputeProductNotReceived')
    await stage.stripe.disputes.close(dispute)
    return id
  },
  'an inquiry answered': async (stage) => {
    const { id, dispute } = await disputed(stage, 'pm_card_createDisputeInquiry')
    await stage.stripe.disputes.update(dispute, { evidence: { uncategorized_text: 'winning_evidence' } })
    return id
  },
  'a debit under way': (stage) => sepa(stage, 'DE89370400440532013000'),
  'a debit that arrives': async (stage) => {
    const id = await sepa(stage, 'DE89370400440532013000')
    await stage.wait(10 * 60_000)
    return id
  },
  'a debit that fails': async (stage) => {
    const id = await sepa(stage, 'AT861904300235473202')
    await stage.wait(10 * 60_000)
    return id
  },
  'a charge without a PaymentIntent, refunded in part': async (stage) => {
    const { id } = await stage.stripe.charges.create({ ...bareCharge(), source: 'tok_visa' })
    await stage.next()
    await stage.stripe.refunds.create({ charge: id, amount: 150 })
    return id
  },
  'a held charge without a PaymentIntent, captured': async (stage) => {
    const { id } = await stage.stripe.charges.create({ ...bareCharge(), source: 'tok_visa', capture: false })
    await stage.next()
    await stage.stripe.charges.capture(id)
    return id
  },
}

function bareCharge() {
  return { amount: 2000, currency: 'usd', metadata: { order_id: 'order-8' } }
}
