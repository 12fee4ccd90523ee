/** No sequence of calls brings a PaymentIntent where Stripe's diagram does not lead. */
import fc from 'fast-check'
import Stripe from 'stripe'
import { expect, it } from 'vitest'
import { cardPayment, startSandbox } from '../../test/support/start-sandbox.ts'

type Status = Stripe.PaymentIntent.Status

// From each state, where one call or one answer of the customer or the bank may lead.
const DIAGRAM: Record<string, string[]> = {
  requires_payment_method: [
    'requires_confirmation',
    'requires_action',
    'requires_capture',
    'succeeded',
    'canceled',
  ],
  requires_confirmation: [
    'requires_payment_method',
    'requires_action',
    'requires_capture',
    'succeeded',
    'canceled',
  ],
  requires_action: [
    'requires_payment_method',
    'requires_confirmation',
    'requires_capture',
    'succeeded',
    'canceled',
  ],
  requires_capture: ['succeeded', 'canceled'],
  succeeded: [],
  canceled: [],
}

const CARDS = [
  'pm_card_visa',
  'pm_card_chargeDeclined',
  'pm_card_authenticationRequired',
  'pm_card_threeDSecureRequiredChargeDeclined',
]

type Step =
  | { do: 'confirm' | 'update'; card: string | undefined }
  | { do: 'succeed' | 'fail' | 'cancel' }
  | { do: 'capture' | 'refund'; amount: number | undefined }
  | { do: 'wait'; days: number }

// Weighted so that most runs get as far as a payment, and go on from there.
const card = fc.oneof(
  { arbitrary: fc.constant('pm_card_visa'), weight: 4 },
  { arbitrary: fc.constantFrom(...CARDS, undefined), weight: 3 },
)
const amount = fc.option(fc.integer({ min: 1, max: 2200 }), { nil: undefined })
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('confirm' as const), card }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant('update' as const), card }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constantFrom('succeed' as const, 'fail' as const) }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('cancel' as const) }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constantFrom('capture' as const, 'refund' as const), amount }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.constantFrom(1, 8) }), weight: 1 },
)

it('keeps to the diagram, and never gives back more than it took', { timeout: 60_000 }, async () => {
  const { sandbox, stripe } = await startSandbox()

  async function play(id: string, given: Step): Promise<void> {
    switch (given.do) {
      case 'confirm':
        await stripe.paymentIntents.confirm(
          id,
          given.card === undefined ? {} : { payment_method: given.card },
        )
        return
      case 'update':
        await stripe.paymentIntents.update(
          id,
          given.card === undefined ? { amount: 1500 } : { payment_method: given.card },
        )
        return
      case 'capture':
        await stripe.paymentIntents.capture(
          id,
          given.amount === undefined ? {} : { amount_to_capture: given.amount },
        )
        return
      case 'refund':
        await stripe.refunds.create({
          payment_intent: id,
          ...(given.amount !== undefined && { amount: given.amount }),
        })
        return
      case 'cancel':
        await stripe.paymentIntents.cancel(id)
        return
      case 'wait':
        await sandbox.advance(given.days * 24 * 3600_000)
        return
      default:
        sandbox.completeAuthentication(id, given.do)
    }
  }

  await fc.assert(
    fc.asyncProperty(
      fc.record({
        capture_method: fc.constantFrom('automatic' as const, 'automatic_async' as const, 'manual' as const),
        confirmation_method: fc.constantFrom('automatic' as const, 'manual' as const),
      }),
      fc.array(step, { minLength: 3, maxLength: 10 }),
      async (methods, steps) => {
        const { payment_method: _, ...open } = cardPayment({ ...methods, confirm: false })
        const { id } = await stripe.paymentIntents.create(open)
        let before: Status = 'requires_payment_method'
        for (const given of steps) {
          await play(id, given).catch((error: unknown) => {
            if (!isRefusal(error)) throw error
          })
          const intent = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] })
          if (intent.status !== before) expect(DIAGRAM[before]).toContain(intent.status)
          before = intent.status
          checkObject(intent)
          await checkMoney(stripe, intent)
        }
      },
    ),
    { numRuns: 100 },
  )
})

function isRefusal(error: unknown): boolean {
  if (error instanceof Stripe.errors.StripeError) return [400, 402].includes(error.statusCode ?? 0)
  return error instanceof Error && error.message.includes('waits for no authentication')
}

/** What must hold of an intent in each state. */
function checkObject(intent: Stripe.PaymentIntent): void {
  const { status } = intent
  const charge = intent.latest_charge as Stripe.Charge | null
  expect(intent.next_action !== null).toBe(status === 'requires_action')
  expect(intent.amount_capturable > 0).toBe(status === 'requires_capture')
  expect(intent.amount_received > 0).toBe(status === 'succeeded')
  expect(intent.canceled_at !== null).toBe(status === 'canceled')
  if (['requires_confirmation', 'requires_action', 'requires_capture', 'succeeded'].includes(status)) {
    expect(intent.payment_method).not.toBeNull()
  }
  if (status === 'succeeded') expect(charge).toMatchObject({ status: 'succeeded', captured: true })
  if (status === 'canceled' && charge?.status === 'succeeded')
    expect(charge).toMatchObject({ refunded: true })
  if (status === 'requires_capture') expect(charge).toMatchObject({ status: 'succeeded', captured: false })
}

async function checkMoney(stripe: Stripe, intent: Stripe.PaymentIntent): Promise<void> {
  const charges = await stripe.charges.list({ payment_intent: intent.id, limit: 100 })
  expect(charges.data.filter(({ status }) => status === 'succeeded').length).toBeLessThanOrEqual(1)
  for (const charge of charges.data) {
    expect(charge.amount_captured).toBeLessThanOrEqual(charge.amount)
    expect(charge.amount_refunded).toBeLessThanOrEqual(charge.amount)
    const refunds = await stripe.refunds.list({ charge: charge.id, limit: 100 })
    const returned = refunds.data
      .filter(({ balance_transaction: booked }) => booked !== null)
      .reduce((sum, refund) => sum + refund.amount, 0)
    expect(charge.amount_captured - returned).toBeGreaterThanOrEqual(0)
  }
}
