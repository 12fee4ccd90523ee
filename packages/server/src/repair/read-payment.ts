/** Asks Stripe what a payment is now: the answer settles what its events leave open. */
import type { Stripe } from 'stripe'
import type { PaymentReading } from '../payment-state/fold-payment.ts'
import type { Payment } from '../payment-state/payment.ts'
import { paymentSnapshot } from '../payment-state/snapshot.ts'
import { ATTEMPT_METADATA, ORDER_ID_METADATA } from '../stripe/event-facts.ts'
import type { StripeGateway } from '../stripe/stripe-gateway.ts'

export type PaymentSource = Pick<
  StripeGateway,
  'retrievePaymentIntent' | 'retrieveCharge' | 'listRefunds' | 'listDisputes'
>

/** `evidence`: what is known now; null for a payment that is not in the store. */
export type KnownPayment = Pick<Payment, 'id' | 'account'> & { readonly evidence: Payment['evidence'] | null }

const METADATA_KEYS = { orderId: ORDER_ID_METADATA, attempt: ATTEMPT_METADATA }
/** Far more than one charge has. */
const MOST_PARTS = 100

/** Throws the gateway's ServiceError; `resource_missing`: Stripe knows no such payment. */
export async function readPayment(stripe: PaymentSource, known: KnownPayment): Promise<PaymentReading> {
  const on = { account: known.account }
  const { intent, charge } = await readHead(stripe, known)
  const of = intent === null ? { charge: known.id } : { payment_intent: known.id }
  const { evidence } = known
  const hasRefunds = (charge?.amount_refunded ?? 0) > 0 || isFilled(evidence?.refunds)
  const hasDisputes = charge?.disputed === true || isFilled(evidence?.disputes)
  const refunds = hasRefunds ? (await stripe.listRefunds({ ...of, limit: MOST_PARTS }, on)).data : []
  const disputes = hasDisputes ? (await stripe.listDisputes({ ...of, limit: MOST_PARTS }, on)).data : []
  const parts = [intent, charge, ...refunds, ...disputes].map((object) =>
    paymentSnapshot({ object, at: 0, isBeginning: false }, METADATA_KEYS),
  )
  return {
    paymentId: known.id,
    account: known.account,
    basis: evidence,
    parts: parts.filter((part) => part !== null),
    amountRefunded: charge?.amount_refunded ?? 0,
  }
}

interface Head {
  readonly intent: Stripe.PaymentIntent | null
  readonly charge: Stripe.Charge | null
}

async function readHead(stripe: PaymentSource, { id, account }: KnownPayment): Promise<Head> {
  const on = { account }
  if (!id.startsWith('pi_')) return { intent: null, charge: await stripe.retrieveCharge(id, on) }
  const intent = await stripe.retrievePaymentIntent(id, { expand: ['latest_charge'] }, on)
  const charge = intent.latest_charge
  return { intent, charge: typeof charge === 'object' ? charge : null }
}

function isFilled(byId: object | undefined): boolean {
  return byId !== undefined && Object.keys(byId).length > 0
}
