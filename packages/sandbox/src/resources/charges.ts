/** The charge endpoints, with the legacy way to make one. */
import type Stripe from 'stripe'
import { amount, checkChargeable, currency } from '../api/amount.ts'
import type { Call } from '../api/call.ts'
import { mergeMetadata, shippingOf, shippingParam } from '../api/common-params.ts'
import { createdParam, listPage, pageParams } from '../api/list-page.ts'
import {
  bool,
  hash,
  ignored,
  integer,
  list,
  metadata,
  oneOf,
  type Parsed,
  required,
  shapeOf,
  text,
  unsettable,
} from '../api/params.ts'
import { declined, ok, type Reply, type Route, route } from '../api/route.ts'
import { invalidRequest, noSuch } from '../api/stripe-error.ts'
import type { StoredCard } from '../cards.ts'
import { AUTHENTICATION_REQUIRED } from '../test-cards.ts'
import { needsAuthentication } from './authentication.ts'
import type { Charge } from './charge-object.ts'
import { captureCharge, chargePayment, declineError, declineFor, testCardOf } from './charge-payment.ts'
import { requireCustomer } from './customer-object.ts'
import { capturePaymentIntent } from './finish-payment-intent.ts'
import { methodFromCard } from './payment-method-object.ts'
import { redeemToken } from './tokens.ts'

const HOLD_EXPIRES_MS = 7 * 24 * 3600_000

const createParams = shapeOf<Stripe.ChargeCreateParams>()({
  amount: required(amount()),
  application_fee: ignored(),
  application_fee_amount: ignored(),
  capture: bool(),
  currency: required(currency()),
  customer: text(),
  description: unsettable(text()),
  destination: ignored(),
  expand: list(text()),
  metadata: metadata(),
  on_behalf_of: text(),
  radar_options: ignored(),
  receipt_email: unsettable(text()),
  shipping: shippingParam,
  source: text(),
  statement_descriptor: unsettable(text(22)),
  statement_descriptor_suffix: unsettable(text(22)),
  transfer_data: ignored(),
  transfer_group: text(),
})

export const chargeRoutes: Route[] = [
  route('POST /v1/charges', {
    params: createParams,
    run: (call, { params }) => createCharge(call, params),
  }),
  route('GET /v1/charges', {
    params: shapeOf<Stripe.ChargeListParams>()({
      ...pageParams,
      created: createdParam,
      customer: text(),
      expand: list(text()),
      payment_intent: text(),
      transfer_group: text(),
    }),
    run: (call, { params }) =>
      ok(
        listPage(call, '/v1/charges', {
          kind: 'charge',
          page: params,
          created: params.created,
          where: {
            ...(params.customer && { customer: params.customer }),
            ...(params.payment_intent && { payment_intent: params.payment_intent }),
            ...(params.transfer_group && { transfer_group: params.transfer_group }),
          },
        }),
      ),
  }),
  route('GET /v1/charges/:id', {
    params: shapeOf<Stripe.ChargeRetrieveParams>()({ expand: list(text()) }),
    run: (call, { id }) => ok(requireCharge(call, id, 'id')),
  }),
  route('POST /v1/charges/:id', {
    params: shapeOf<Stripe.ChargeUpdateParams>()({
      customer: text(),
      description: unsettable(text()),
      expand: list(text()),
      fraud_details: hash({ user_report: unsettable(oneOf('fraudulent', 'safe')) }),
      metadata: metadata(),
      receipt_email: unsettable(text()),
      shipping: shippingParam,
      transfer_group: text(),
    }),
    run(call, { id, params }) {
      const charge = requireCharge(call, id, 'id')
      if (params.customer && charge.customer) {
        throw invalidRequest('You cannot change the customer of a charge that has one.', {
          param: 'customer',
        })
      }
      if (params.customer) requireCustomer(call, params.customer, 'customer')
      const report = params.fraud_details?.user_report
      const updated: Charge = {
        ...charge,
        customer: params.customer ?? charge.customer,
        description: params.description === undefined ? charge.description : params.description,
        ...(report !== undefined && { fraud_details: report === null ? {} : { user_report: report } }),
        metadata: mergeMetadata(charge.metadata, params.metadata),
        receipt_email: params.receipt_email === undefined ? charge.receipt_email : params.receipt_email,
        shipping: params.shipping ? shippingOf(params.shipping) : charge.shipping,
        transfer_group: params.transfer_group ?? charge.transfer_group,
      }
      call.store.put(updated)
      call.record('charge.updated', updated, charge)
      return ok(updated)
    },
  }),
  route('POST /v1/charges/:id/capture', {
    params: shapeOf<Stripe.ChargeCaptureParams>()({
      amount: integer({ min: 1 }),
      application_fee: ignored(),
      application_fee_amount: ignored(),
      expand: list(text()),
      receipt_email: ignored(),
      statement_descriptor: ignored(),
      statement_descriptor_suffix: ignored(),
      transfer_data: ignored(),
      transfer_group: ignored(),
    }),
    run(call, { id, params }) {
      const charge = requireCharge(call, id, 'id')
      requireCapturable(charge, params.amount)
      const intent = call.store.get('payment_intent', charge.payment_intent ?? '')
      if (intent) return ok(capturePaymentIntent(call, intent, params.amount).charge)
      return ok(captureCharge(call, charge, params.amount ?? charge.amount))
    },
  }),
]

/** @throws StripeError 404 `resource_missing`. */
export function requireCharge(call: Call, id: string, param: string): Charge {
  const charge = call.store.get('charge', id)
  if (!charge) throw noSuch('charge', id, param)
  return charge
}

function createCharge(call: Call, params: Parsed<typeof createParams>): Reply {
  checkChargeable(params.amount, params.currency)
  const customer = params.customer ? requireCustomer(call, params.customer, 'customer') : null
  const card = sourceCard(call, params.source, customer?.id ?? null, customer?.default_source ?? null)
  const method = methodFromCard(card, card.id, call.now)
  const testCard = testCardOf(call, method)
  // Nobody can pass a challenge here, so a card that wants one declines.
  const mustAuthenticate = needsAuthentication(testCard, {
    offSession: true,
    setUpForOffSession: call.store.hidden(card.id).setUpForOffSession ?? false,
    requested: false,
  })
  const decline = mustAuthenticate ? AUTHENTICATION_REQUIRED : declineFor(method, testCard)
  const capture = params.capture ?? true
  const charge = chargePayment(call, {
    method,
    decline,
    terms: {
      amount: params.amount,
      currency: params.currency,
      capture,
      customer: customer?.id ?? null,
      description: params.description ?? null,
      metadata: params.metadata ?? {},
      onBehalfOf: params.on_behalf_of ?? null,
      paymentIntent: null,
      receiptEmail: params.receipt_email ?? null,
      shipping: params.shipping ? shippingOf(params.shipping) : null,
      source: card as Stripe.Card,
      statementDescriptor: params.statement_descriptor ?? null,
      statementDescriptorSuffix: params.statement_descriptor_suffix ?? null,
      transferGroup: params.transfer_group ?? null,
    },
  })
  if (decline) return declined(declineError(call, decline, { charge }))
  if (!capture) call.later('expire_hold', charge.id, HOLD_EXPIRES_MS)
  return ok(charge)
}

/** The card behind `source`, or the customer's default one. */
function sourceCard(
  call: Call,
  source: string | undefined,
  customerId: string | null,
  defaultSource: string | null,
): StoredCard {
  if (source?.startsWith('tok_')) {
    const { card, hidden } = redeemToken(call, source, 'source')
    call.store.put(card, hidden)
    return card
  }
  const id = source ?? defaultSource
  if (id === null) {
    throw customerId
      ? invalidRequest('Cannot charge a customer that has no active card', {
          code: 'missing',
          param: 'card',
        })
      : invalidRequest('Must provide source or customer.', { code: 'parameter_missing', param: 'source' })
  }
  const card = call.store.get('card', id)
  if (!card || (card.customer && card.customer !== customerId)) {
    throw noSuch('source', id, 'source')
  }
  return card
}

function requireCapturable(charge: Charge, given: number | undefined): void {
  if (charge.captured) {
    throw invalidRequest(`Charge ${charge.id} has already been captured.`, {
      code: 'charge_already_captured',
    })
  }
  if (charge.status !== 'succeeded') {
    throw invalidRequest(
      `Charge ${charge.id} has the status ${charge.status}, so that it cannot be captured.`,
      {
        code: 'charge_invalid_parameter',
      },
    )
  }
  if (charge.refunded) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    })
  }
  if (given !== undefined && given > charge.amount) {
    throw invalidRequest('You cannot capture a charge for an amount higher than the amount authorized.', {
      code: 'amount_too_large',
      param: 'amount',
    })
  }
}
