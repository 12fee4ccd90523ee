/** A payment that a page began with every kind of proof, and whose first card was declined. */
import type { PaymentsUnderTest } from './start-payments.ts'

export interface BegunPayment {
  readonly id: string
  readonly orderId: string
  readonly amount: number
  /** Each kind of proof that its payer has. */
  readonly proofs: Proofs
}

export interface Proofs {
  readonly watchToken: string
  readonly clientSecret: string
  readonly quote: string
  readonly payerKey: string
  readonly idempotencyKey: string
  /** Single-use, and used. */
  readonly cardToken: string
}

export const DECLINED = '4000000000000002'
let begun = 0

export async function beginPayment(
  shop: PaymentsUnderTest,
  { amount = 1500, ...more }: { readonly amount?: number; readonly [name: string]: unknown } = {},
): Promise<BegunPayment> {
  const orderId = `${1000 + begun++}`
  const payerKey = `payer-key-of-${orderId}-at-random`
  const idempotencyKey = `request-key-of-${orderId}-at-random`
  const cardToken = await shop.token(DECLINED)
  const { status, body, headers } = await shop.post(
    '/v1/payments',
    { order_id: orderId, amount, currency: 'usd', token: cardToken, ...more },
    { as: 'stranger', headers: { 'Tollbridge-Payer-Key': payerKey, 'Idempotency-Key': idempotencyKey } },
  )
  const id = body.error?.payment_intent
  if (status !== 402) throw new Error(`Expected a decline: ${JSON.stringify(body)}`)
  const { client_secret } = await shop.stripe.paymentIntents.retrieve(id)
  const signed = await shop.post('/v1/quotes', { order_id: orderId, amount, currency: 'usd' })
  return {
    id,
    orderId,
    amount,
    proofs: {
      watchToken: headers.get('tollbridge-watch-token') ?? '',
      clientSecret: client_secret ?? '',
      quote: signed.body.quote,
      payerKey,
      idempotencyKey,
      cardToken,
    },
  }
}
