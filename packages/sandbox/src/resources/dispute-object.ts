/** Opens the disputes that some test cards bring, and settles them. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import type { Stored } from '../store/stored-objects.ts'
import { testCardByNumber } from '../test-cards.ts'
import { book } from './balance-transaction-object.ts'
import type { Charge } from './charge-object.ts'

export type Dispute = Stored<Stripe.Dispute>

const FEE = 1500
const DUE_AFTER_SECONDS = 9 * 24 * 3600

const NETWORK_REASONS: Record<string, string> = { fraudulent: '10.4', product_not_received: '13.1' }

/** Timer: the customer's bank disputes the charge, as its test card says. */
export function disputeCharge(call: Call, chargeId: string): void {
  const charge = call.store.get('charge', chargeId)
  const plan = testCardByNumber(call.store.hidden(charge?.payment_method ?? '').testCard ?? '')?.dispute
  if (!charge || !plan || charge.disputed) return
  const id = call.newId('du_1')
  const withdrawal = plan.inquiry
    ? []
    : [adjust(call, charge, id, -charge.amount_captured, FEE, `Chargeback withdrawal for ${charge.id}`)]
  const brand = charge.payment_method_details?.card?.brand ?? 'visa'
  const reason = NETWORK_REASONS[plan.reason] ?? null
  const dispute: Dispute = {
    id,
    object: 'dispute',
    amount: charge.amount_captured,
    balance_transactions: withdrawal,
    charge: charge.id,
    created: call.now,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: EMPTY_EVIDENCE,
    evidence_details: {
      due_by: call.now + DUE_AFTER_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: plan.inquiry ?? false,
    livemode: false,
    metadata: {},
    network_reason_code: reason,
    payment_intent: charge.payment_intent,
    payment_method_details: {
      card: {
        brand,
        case_type: plan.inquiry ? 'inquiry' : 'chargeback',
        network: brand,
        network_reason_code: reason,
      },
      type: 'card',
    },
    reason: plan.reason,
    status: plan.inquiry ? 'warning_needs_response' : 'needs_response',
  }
  call.store.put({ ...charge, disputed: true })
  call.store.put(dispute)
  call.record('charge.dispute.created', dispute)
  if (withdrawal.length > 0) call.record('charge.dispute.funds_withdrawn', dispute)
}

/** Ends the dispute; a won chargeback brings the money back. */
export function settleDispute(call: Call, dispute: Dispute, result: 'won' | 'lost'): Dispute {
  const inquiry = dispute.status.startsWith('warning')
  const charge = call.store.get('charge', dispute.charge)
  const reinstated =
    result === 'won' && !inquiry && charge
      ? [adjust(call, charge, dispute.id, dispute.amount, -FEE, `Chargeback reversal for ${dispute.charge}`)]
      : []
  const closed: Dispute = {
    ...dispute,
    balance_transactions: [...dispute.balance_transactions, ...reinstated],
    is_charge_refundable: false,
    status: inquiry ? 'warning_closed' : result,
  }
  call.store.put(closed)
  call.record('charge.dispute.closed', closed, dispute)
  if (reinstated.length > 0) call.record('charge.dispute.funds_reinstated', closed)
  return closed
}

/** Whether the dispute still waits for the merchant. */
export function awaitsResponse(dispute: Dispute): boolean {
  return dispute.status === 'needs_response' || dispute.status === 'warning_needs_response'
}

function adjust(
  call: Call,
  charge: Charge,
  source: string,
  amount: number,
  fee: number,
  description: string,
): Stripe.BalanceTransaction {
  return book(call, {
    amount,
    currency: charge.currency,
    source,
    type: 'adjustment',
    reportingCategory: amount < 0 ? 'dispute' : 'dispute_reversal',
    description,
    fee,
    fundsAtOnce: true,
  }) as Stripe.BalanceTransaction
}

const EMPTY_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
}
