/** Builds charge objects: what was charged, with what, and how it ended. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import type { Stored } from '../store/stored-objects.ts'
import type { Decline, TestCard } from '../test-cards.ts'
import type { PaymentMethod } from './payment-method-object.ts'

export type Charge = Stored<Stripe.Charge>

/** What a charge takes over from the intent or the call that makes it. */
export interface ChargeTerms {
  amount: number
  currency: string
  capture: boolean
  customer: string | null
  description: string | null
  metadata: Record<string, string>
  onBehalfOf: string | null
  paymentIntent: string | null
  receiptEmail: string | null
  shipping: Stripe.Charge.Shipping | null
  source: Stripe.CustomerSource | null
  statementDescriptor: string | null
  statementDescriptorSuffix: string | null
  transferGroup: string | null
}

export interface ChargeCircumstances {
  method: PaymentMethod
  testCard: TestCard | null
  decline?: Decline | undefined
  /** The bank has not answered yet. */
  pending?: boolean
  authenticated?: boolean
}

const AUTHORIZATION_SECONDS = 7 * 24 * 3600

/** A charge that succeeded, failed or is pending; not stored yet, and booked nowhere. */
export function buildCharge(call: Call, terms: ChargeTerms, circumstances: ChargeCircumstances): Charge {
  const { method, decline, pending = false } = circumstances
  const failed = decline !== undefined
  const captured = terms.capture && !failed
  const id = call.newId(method.type === 'card' ? 'ch_3' : 'py_3')
  return {
    id,
    object: 'charge',
    amount: terms.amount,
    amount_captured: captured && !pending ? terms.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: method.type === 'card' ? descriptorOf(terms) : null,
    captured: captured && !pending,
    created: call.now,
    currency: terms.currency,
    customer: terms.customer,
    description: terms.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: terms.metadata,
    on_behalf_of: terms.onBehalfOf,
    outcome: pending ? null : outcomeOf(circumstances),
    paid: !failed && !pending,
    payment_intent: terms.paymentIntent,
    payment_method: method.id,
    payment_method_details: methodDetails(call, terms, circumstances),
    radar_options: {},
    receipt_email: terms.receiptEmail,
    receipt_number: null,
    receipt_url: failed || pending ? null : `https://pay.stripe.com/receipts/payment/${id}`,
    refunded: false,
    review: null,
    shipping: terms.shipping,
    source: terms.source,
    source_transfer: null,
    statement_descriptor: terms.statementDescriptor,
    statement_descriptor_suffix: terms.statementDescriptorSuffix,
    status: failed ? 'failed' : pending ? 'pending' : 'succeeded',
    transfer_data: null,
    transfer_group: terms.transferGroup,
  }
}

/** How the network judged the charge. */
export function outcomeOf({ decline, testCard }: ChargeCircumstances): Stripe.Charge.Outcome {
  const level = testCard?.risk ?? 'normal'
  const risk = { risk_level: level, risk_score: RISK_SCORES[level] }
  const network = { network_advice_code: null, network_decline_code: null }
  if (!decline) {
    return {
      advice_code: null,
      ...network,
      network_status: 'approved_by_network',
      reason: testCard?.risk === 'elevated' ? 'elevated_risk_level' : null,
      ...risk,
      seller_message: 'Payment complete.',
      type: 'authorized',
    }
  }
  if (decline.blocked) {
    return {
      advice_code: null,
      ...network,
      network_status: 'not_sent_to_network',
      reason: 'highest_risk_level',
      ...risk,
      seller_message: 'Stripe blocked this payment as too risky.',
      type: 'blocked',
    }
  }
  return {
    advice_code: ADVICE[decline.declineCode] ?? 'try_again_later',
    ...network,
    network_decline_code: '01',
    network_status: 'declined_by_network',
    reason: decline.declineCode,
    ...risk,
    seller_message: `The bank returned the decline code \`${decline.declineCode}\`.`,
    type: 'issuer_declined',
  }
}

const RISK_SCORES = { normal: 20, elevated: 70, highest: 95 }

const ADVICE: Record<string, Stripe.Charge.Outcome.AdviceCode> = {
  lost_card: 'do_not_try_again',
  stolen_card: 'do_not_try_again',
  expired_card: 'confirm_card_data',
  incorrect_cvc: 'confirm_card_data',
}

function descriptorOf(terms: ChargeTerms): string {
  const suffix = terms.statementDescriptorSuffix ?? terms.statementDescriptor
  return suffix ? `SANDBOX* ${suffix}`.slice(0, 22) : 'SANDBOX'
}

function methodDetails(
  call: Call,
  terms: ChargeTerms,
  { method, testCard, decline, authenticated }: ChargeCircumstances,
): Stripe.Charge.PaymentMethodDetails {
  if (method.sepa_debit) {
    const { bank_code, branch_code, country, fingerprint, last4 } = method.sepa_debit
    return {
      sepa_debit: { bank_code, branch_code, country, fingerprint, last4, mandate: null },
      type: 'sepa_debit',
    }
  }
  const card = method.card as Stripe.PaymentMethod.Card
  const check = (given: string | null | undefined, fails: boolean): string | null =>
    fails ? 'fail' : given ? 'pass' : null
  const failing = testCard?.checks
  return {
    card: {
      amount_authorized: decline ? null : terms.amount,
      authorization_code: decline ? null : String(100000 + (call.now % 900000)),
      brand: card.brand,
      ...(!terms.capture && !decline && { capture_before: call.now + AUTHORIZATION_SECONDS }),
      checks: {
        address_line1_check: check(method.billing_details.address?.line1, failing?.line1 === 'fail'),
        address_postal_code_check: check(
          method.billing_details.address?.postal_code,
          failing?.zip === 'fail',
        ),
        cvc_check: check(card.checks?.cvc_check, failing?.cvc === 'fail'),
      },
      country: card.country,
      electronic_commerce_indicator: authenticated ? '05' : '07',
      exp_month: card.exp_month,
      exp_year: card.exp_year,
      extended_authorization: { status: 'disabled' },
      fingerprint: card.fingerprint ?? null,
      funding: card.funding,
      incremental_authorization: { status: 'unavailable' },
      installments: null,
      last4: card.last4,
      mandate: null,
      multicapture: { status: 'unavailable' },
      network: card.brand,
      network_token: { used: false },
      network_transaction_id: decline?.blocked ? null : call.newId('', 15).toUpperCase(),
      overcapture: { maximum_amount_capturable: terms.amount, status: 'unavailable' },
      regulated_status: card.regulated_status,
      three_d_secure: authenticated ? AUTHENTICATED : null,
      transaction_link_id: null,
      wallet: null,
    },
    type: 'card',
  }
}

const AUTHENTICATED: Stripe.Charge.PaymentMethodDetails.Card.ThreeDSecure = {
  authentication_flow: 'challenge',
  electronic_commerce_indicator: '05',
  exemption_indicator: null,
  result: 'authenticated',
  result_reason: null,
  transaction_id: null,
  version: '2.2.0',
}
