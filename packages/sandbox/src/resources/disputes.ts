/** The dispute endpoints. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { mergeMetadata } from '../api/common-params.ts'
import { bool, hash, ignored, list, metadata, oneOf, shapeOf, text, unsettable } from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { invalidRequest, noSuch } from '../api/stripe-error.ts'
import { awaitsResponse, type Dispute, settleDispute } from './dispute-object.ts'
import { listOfCharge, listOfChargeParams } from './list-of-charge.ts'

const line = unsettable(text(20_000))

const evidence = hash(
  shapeOf<Stripe.DisputeUpdateParams.Evidence>()({
    access_activity_log: line,
    appeal: ignored(),
    billing_address: line,
    cancellation_policy: line,
    cancellation_policy_disclosure: line,
    cancellation_rebuttal: line,
    customer_communication: line,
    customer_email_address: line,
    customer_name: line,
    customer_purchase_ip: line,
    customer_signature: line,
    duplicate_charge_documentation: line,
    duplicate_charge_explanation: line,
    duplicate_charge_id: line,
    enhanced_evidence: ignored(),
    product_description: line,
    receipt: line,
    refund_policy: line,
    refund_policy_disclosure: line,
    refund_refusal_explanation: line,
    service_date: line,
    service_documentation: line,
    shipping_address: line,
    shipping_carrier: line,
    shipping_date: line,
    shipping_documentation: line,
    shipping_tracking_number: line,
    uncategorized_file: line,
    uncategorized_text: line,
  }),
)

export const disputeRoutes: Route[] = [
  route('GET /v1/disputes', {
    params: shapeOf<Stripe.DisputeListParams>()(listOfChargeParams),
    run: (call, { params }) => listOfCharge(call, 'dispute', params),
  }),
  route('GET /v1/disputes/:id', {
    params: shapeOf<Stripe.DisputeRetrieveParams>()({ expand: list(text()) }),
    run: (call, { id }) => ok(requireDispute(call, id)),
  }),
  route('POST /v1/disputes/:id', {
    params: shapeOf<Stripe.DisputeUpdateParams>()({
      evidence,
      expand: list(text()),
      intended_submission_method: oneOf('manual', 'prefer_manual', 'prefer_smart_disputes', 'smart_disputes'),
      metadata: metadata(),
      submit: bool(),
    }),
    run(call, { id, params }) {
      const dispute = requireDispute(call, id)
      if (params.evidence) requireResponseAwaited(dispute)
      const { appeal: _appeal, enhanced_evidence: _enhanced, ...lines } = params.evidence ?? {}
      const submit = params.evidence !== undefined && params.submit !== false
      const updated: Dispute = {
        ...dispute,
        evidence: { ...dispute.evidence, ...(lines as Partial<Stripe.Dispute.Evidence>) },
        evidence_details: {
          ...dispute.evidence_details,
          has_evidence: dispute.evidence_details.has_evidence || params.evidence !== undefined,
          submission_count: dispute.evidence_details.submission_count + (submit ? 1 : 0),
          submission_method: submit ? 'manual' : dispute.evidence_details.submission_method,
        },
        intended_submission_method: params.intended_submission_method ?? dispute.intended_submission_method,
        metadata: mergeMetadata(dispute.metadata, params.metadata),
        status: submit ? underReview(dispute) : dispute.status,
      }
      call.store.put(updated)
      call.record('charge.dispute.updated', updated, dispute)
      // Stripe's test evidence decides a dispute at once.
      const verdict = submit ? VERDICTS[updated.evidence.uncategorized_text ?? ''] : undefined
      return ok(verdict ? settleDispute(call, updated, verdict) : updated)
    },
  }),
  route('POST /v1/disputes/:id/close', {
    params: shapeOf<Stripe.DisputeCloseParams>()({ expand: list(text()) }),
    run(call, { id }) {
      const dispute = requireDispute(call, id)
      requireResponseAwaited(dispute)
      return ok(settleDispute(call, dispute, 'lost'))
    },
  }),
]

const VERDICTS: Record<string, 'won' | 'lost'> = { winning_evidence: 'won', losing_evidence: 'lost' }

function underReview(dispute: Dispute): Stripe.Dispute.Status {
  return dispute.status === 'warning_needs_response' ? 'warning_under_review' : 'under_review'
}

function requireResponseAwaited(dispute: Dispute): void {
  if (awaitsResponse(dispute)) return
  throw invalidRequest(`This dispute has the status ${dispute.status}, and is closed to further changes.`, {
    code: 'status_transition_invalid',
  })
}

function requireDispute(call: Call, id: string): Dispute {
  const dispute = call.store.get('dispute', id)
  if (!dispute) throw noSuch('dispute', id, 'dispute')
  return dispute
}
