/** The refund endpoints. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { mergeMetadata } from '../api/common-params.ts'
import { listPage, pageParams } from '../api/list-page.ts'
import {
  bool,
  ignored,
  integer,
  list,
  metadata,
  oneOf,
  type Parsed,
  shapeOf,
  text,
  unavailable,
} from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { invalidRequest, noSuch, StripeError } from '../api/stripe-error.ts'
import { formatAmount } from '../currency-decimals.ts'
import { testCardByNumber } from '../test-cards.ts'
import type { Charge } from './charge-object.ts'
import { requireCharge } from './charges.ts'
import { listOfCharge, listOfChargeParams } from './list-of-charge.ts'
import { requireIntent } from './payment-intents.ts'
import { bookRefund, buildRefund, type Refund, releaseHold, withRefunded } from './refund-object.ts'

const SETTLES_AFTER_MS = 60_000

const createParams = shapeOf<Stripe.RefundCreateParams>()({
  amount: integer({ min: 1 }),
  charge: text(),
  currency: text(),
  customer: unavailable(),
  expand: list(text()),
  instructions_email: ignored(),
  metadata: metadata(),
  origin: unavailable(),
  payment_intent: text(),
  reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
  refund_application_fee: bool(),
  reverse_transfer: bool(),
})

export const refundRoutes: Route[] = [
  route('POST /v1/refunds', {
    params: createParams,
    run: (call, { params }) => ok(createRefund(call, params)),
  }),
  route('GET /v1/refunds', {
    params: shapeOf<Stripe.RefundListParams>()(listOfChargeParams),
    run: (call, { params }) => listOfCharge(call, 'refund', params),
  }),
  route('GET /v1/charges/:id/refunds', {
    params: { ...pageParams, expand: list(text()) },
    run(call, { id, params }) {
      requireCharge(call, id, 'charge')
      return ok(
        listPage(call, `/v1/charges/${id}/refunds`, { kind: 'refund', page: params, where: { charge: id } }),
      )
    },
  }),
  route('GET /v1/refunds/:id', {
    params: shapeOf<Stripe.RefundRetrieveParams>()({ expand: list(text()) }),
    run: (call, { id }) => ok(requireRefund(call, id)),
  }),
  route('POST /v1/refunds/:id', {
    params: shapeOf<Stripe.RefundUpdateParams>()({ expand: list(text()), metadata: metadata() }),
    run(call, { id, params }) {
      const refund = requireRefund(call, id)
      const updated: Refund = { ...refund, metadata: mergeMetadata(refund.metadata, params.metadata) }
      return ok(changeRefund(call, refund, updated))
    },
  }),
  route('POST /v1/refunds/:id/cancel', {
    params: shapeOf<Stripe.RefundCancelParams>()({ expand: list(text()) }),
    run(call, { id }) {
      const refund = requireRefund(call, id)
      if (refund.status !== 'pending' && refund.status !== 'requires_action') {
        throw invalidRequest(`Refund ${id} has the status ${refund.status}, so that it cannot be canceled.`, {
          code: 'status_transition_invalid',
        })
      }
      takeBack(call, refund)
      return ok(changeRefund(call, refund, { ...refund, status: 'canceled' }))
    },
  }),
]

/** Timer: the bank has answered a refund that was pending, or returns one that had succeeded. */
export function settleRefund(call: Call, id: string): void {
  const refund = call.store.get('refund', id)
  if (!refund) return
  if (refund.status === 'pending') {
    changeRefund(call, refund, {
      ...refund,
      balance_transaction: bookRefund(call, refund, 'refund'),
      status: 'succeeded',
    })
  } else if (refund.status === 'succeeded') {
    takeBack(call, refund)
    const failed: Refund = {
      ...refund,
      failure_balance_transaction: bookRefund(call, refund, 'refund_failure'),
      failure_reason: 'expired_or_canceled_card',
      status: 'failed',
    }
    changeRefund(call, refund, failed)
    call.record('refund.failed', failed)
  }
}

function createRefund(call: Call, params: Parsed<typeof createParams>): Refund {
  const charge = chargeToRefund(call, params)
  const left = charge.amount - charge.amount_refunded
  if (charge.status !== 'succeeded') {
    throw invalidRequest(
      `Charge ${charge.id} has the status ${charge.status}, so that it cannot be refunded.`,
      {
        code: 'charge_not_refundable',
        param: 'charge',
      },
    )
  }
  if (charge.disputed && !hasOpenInquiry(call, charge)) {
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
      param: 'charge',
    })
  }
  if (left <= 0) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
      param: 'charge',
    })
  }
  const amount = params.amount ?? left
  if (amount > left) {
    const of = (value: number): string => formatAmount(value, charge.currency)
    throw invalidRequest(
      `Refund amount (${of(amount)}) is greater than unrefunded amount on charge (${of(left)})`,
      { param: 'amount' },
    )
  }
  const given = {
    amount,
    reason: params.reason ?? null,
    metadata: params.metadata ?? {},
  }
  if (!charge.captured) {
    if (amount !== left) {
      throw invalidRequest(
        'You cannot partially refund an uncaptured charge. Instead, capture the charge for an amount less than the original amount',
        {
          param: 'amount',
        },
      )
    }
    return releaseHold(call, charge, given.reason)
  }
  const behaviour = testCardByNumber(call.store.hidden(charge.payment_method ?? '').testCard ?? '')?.refund
  const pending = behaviour === 'pending'
  const built = buildRefund(call, charge, { ...given, status: pending ? 'pending' : 'succeeded' })
  const refund: Refund = pending
    ? { ...built, pending_reason: 'processing' }
    : { ...built, balance_transaction: bookRefund(call, built, 'refund') }
  call.store.put(refund)
  call.record('refund.created', refund)
  const after = withRefunded(charge, amount)
  call.store.put(after)
  call.record('charge.refunded', after, charge)
  if (behaviour) call.later('settle_refund', refund.id, SETTLES_AFTER_MS)
  return refund
}

function chargeToRefund(call: Call, params: Parsed<typeof createParams>): Charge {
  const { charge, payment_intent: intentId } = params
  if (charge !== undefined) {
    const found = requireCharge(call, charge, 'charge')
    if (intentId !== undefined && found.payment_intent !== intentId) {
      throw invalidRequest(`Charge ${charge} does not belong to PaymentIntent ${intentId}.`, {
        param: 'payment_intent',
      })
    }
    return found
  }
  if (intentId === undefined) {
    throw invalidRequest(
      'One of the following params should be provided for this request: payment_intent or charge.',
      { code: 'parameter_missing', param: 'payment_intent' },
    )
  }
  const intent = requireIntent(call, intentId)
  const latest = intent.status === 'succeeded' && call.store.get('charge', intent.latest_charge ?? '')
  if (latest) return latest
  throw new StripeError(400, {
    type: 'invalid_request_error',
    code: 'payment_intent_unexpected_state',
    message: `This PaymentIntent (${intentId}) does not have a successful charge to refund.`,
    param: 'payment_intent',
  })
}

function changeRefund(call: Call, before: Refund, after: Refund): Refund {
  const { pending_reason: reason, ...rest } = after
  const settled: Refund = after.status === 'pending' && reason ? after : rest
  call.store.put(settled)
  call.record('refund.updated', settled, before)
  call.record('charge.refund.updated', settled, before)
  return settled
}

/** The money stays with the merchant after all. */
function takeBack(call: Call, refund: Refund): void {
  const charge = call.store.get('charge', refund.charge ?? '')
  if (charge) call.store.put(withRefunded(charge, -refund.amount))
}

function hasOpenInquiry(call: Call, charge: Charge): boolean {
  const { objects } = call.store.list({ kind: 'dispute', where: { charge: charge.id }, limit: 1 })
  return objects[0]?.is_charge_refundable ?? false
}

function requireRefund(call: Call, id: string): Refund {
  const refund = call.store.get('refund', id)
  if (!refund) throw noSuch('refund', id, 'id')
  return refund
}
