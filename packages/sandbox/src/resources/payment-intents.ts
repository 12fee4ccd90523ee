/** The PaymentIntent endpoints. */
import type Stripe from 'stripe'
import { checkChargeable } from '../api/amount.ts'
import type { Call } from '../api/call.ts'
import { mergeMetadata, shippingOf } from '../api/common-params.ts'
import { createdParam, listPage, pageParams } from '../api/list-page.ts'
import { list, oneOf, shapeOf, text, unavailable } from '../api/params.ts'
import { ok, type Reply, type Route, route } from '../api/route.ts'
import { invalidRequest, missingParam, noSuch, StripeError } from '../api/stripe-error.ts'
import { type ConfirmOptions, confirmPaymentIntent } from './confirm-payment-intent.ts'
import { spendConfirmationToken, withConfirmationToken } from './confirmation-tokens.ts'
import { requireCustomer } from './customer-object.ts'
import { cancelPaymentIntent, capturePaymentIntent } from './finish-payment-intent.ts'
import {
  buildPaymentIntent,
  captureParams,
  confirmParams,
  createParams,
  methodOptions,
  restrictedTypes,
  type SharedInput,
  updateParams,
} from './payment-intent-params.ts'
import { awaitConfirmation, type PaymentIntent, requireState } from './payment-intent-states.ts'
import { findPaymentMethod, type PaymentMethod, requestedPaymentMethod } from './payment-method-object.ts'

export const paymentIntentRoutes: Route[] = [
  route('POST /v1/payment_intents', {
    params: createParams,
    run(call, { params: given }) {
      checkChargeable(given.amount, given.currency)
      if (given.customer) requireCustomer(call, given.customer, 'customer')
      if (given.confirmation_token !== undefined && !given.confirm) {
        throw invalidRequest('A confirmation_token can only be given together with confirm=true.', {
          param: 'confirmation_token',
        })
      }
      const params = withConfirmationToken(call, given)
      const created = spendConfirmationToken(
        call,
        params.confirmation_token,
        buildPaymentIntent(call, params),
      )
      const method = requestedPaymentMethod(call, params)
      const intent = method ? awaitConfirmation(created, method.id) : created
      call.store.put(intent)
      call.record('payment_intent.created', intent)
      if (!params.confirm) return ok(intent)
      return confirmWith(call, intent, method, params)
    },
  }),
  route('GET /v1/payment_intents', {
    params: shapeOf<Stripe.PaymentIntentListParams>()({
      ...pageParams,
      created: createdParam,
      customer: text(),
      customer_account: unavailable(),
      expand: list(text()),
    }),
    run: (call, { params }) =>
      ok(
        listPage(call, '/v1/payment_intents', {
          kind: 'payment_intent',
          page: params,
          created: params.created,
          where: { ...(params.customer && { customer: params.customer }) },
        }),
      ),
  }),
  route('GET /v1/payment_intents/:id', {
    params: shapeOf<Stripe.PaymentIntentRetrieveParams>()({ client_secret: text(), expand: list(text()) }),
    access: 'publishable',
    run: (call, { id, params }) => ok(requireIntent(call, id, params.client_secret)),
  }),
  route('POST /v1/payment_intents/:id', {
    params: updateParams,
    run: (call, { id, params }) => {
      const intent = requireIntent(call, id)
      const touchesCharge = [
        params.amount,
        params.currency,
        params.payment_method,
        params.payment_method_data,
        params.capture_method,
        params.customer,
      ].some((value) => value !== undefined)
      if (touchesCharge) requireState(intent, 'change')
      if (params.customer) requireCustomer(call, params.customer, 'customer')
      const amount = params.amount ?? intent.amount
      const currency = params.currency ?? intent.currency
      checkChargeable(amount, currency)
      const changed: PaymentIntent = {
        ...withShared(call, intent, params),
        amount,
        currency,
        customer: params.customer ?? intent.customer,
        description: params.description === undefined ? intent.description : params.description,
        last_payment_error: null,
        metadata: mergeMetadata(intent.metadata, params.metadata),
        statement_descriptor: params.statement_descriptor ?? intent.statement_descriptor,
        statement_descriptor_suffix: params.statement_descriptor_suffix ?? intent.statement_descriptor_suffix,
        transfer_group: params.transfer_group ?? intent.transfer_group,
      }
      const method = requestedPaymentMethod(call, params)
      const methodId = method?.id ?? (touchesCharge ? changed.payment_method : null)
      const updated = methodId ? awaitConfirmation(changed, methodId) : changed
      call.store.put(updated, touchesCharge ? { challenge: '', authenticated: false } : undefined)
      return ok(updated)
    },
  }),
  route('POST /v1/payment_intents/:id/confirm', {
    params: confirmParams,
    access: 'publishable',
    run(call, { id, params: given }) {
      const intent = requireIntent(call, id, given.client_secret)
      requireState(intent, 'confirm')
      const params = withConfirmationToken(call, given)
      if (call.publishable && intent.confirmation_method === 'manual') {
        throw invalidRequest(
          'This PaymentIntent has confirmation_method set to manual, so that it can only be confirmed with a secret key.',
          { code: 'payment_intent_invalid_parameter' },
        )
      }
      if (params.amount_to_confirm !== undefined && params.amount_to_confirm !== intent.amount) {
        throw invalidRequest(
          `The amount to confirm (${params.amount_to_confirm}) is not the amount of this PaymentIntent (${intent.amount}).`,
          { code: 'payment_intent_invalid_parameter', param: 'amount_to_confirm' },
        )
      }
      const changed = spendConfirmationToken(
        call,
        params.confirmation_token,
        withShared(call, intent, params),
      )
      const method =
        requestedPaymentMethod(call, params) ??
        (intent.payment_method ? findPaymentMethod(call, intent.payment_method, 'payment_method') : undefined)
      return confirmWith(call, changed, method, params)
    },
  }),
  route('POST /v1/payment_intents/:id/capture', {
    params: captureParams,
    run(call, { id, params }) {
      if (params.final_capture === false) {
        throw invalidRequest('This PaymentIntent is not available for multicapture.', {
          param: 'final_capture',
        })
      }
      const intent = requireIntent(call, id)
      const described = { ...intent, metadata: mergeMetadata(intent.metadata, params.metadata) }
      return ok(capturePaymentIntent(call, described, params.amount_to_capture).intent)
    },
  }),
  route('POST /v1/payment_intents/:id/cancel', {
    params: shapeOf<Stripe.PaymentIntentCancelParams>()({
      cancellation_reason: oneOf('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'),
      expand: list(text()),
    }),
    run: (call, { id, params }) =>
      ok(cancelPaymentIntent(call, requireIntent(call, id), params.cancellation_reason ?? null)),
  }),
]

/** @throws StripeError 404, or 400 when a publishable key does not show the intent's client secret. */
export function requireIntent(call: Call, id: string, clientSecret?: string): PaymentIntent {
  const intent = call.store.get('payment_intent', id)
  if (!intent) throw noSuch('payment_intent', id, 'intent')
  if (call.publishable && clientSecret === undefined) throw missingParam('client_secret')
  if (clientSecret !== undefined && clientSecret !== intent.client_secret) {
    throw new StripeError(400, {
      type: 'invalid_request_error',
      code: 'payment_intent_invalid_parameter',
      message:
        'The client_secret provided does not match the client_secret associated with the PaymentIntent.',
      param: 'client_secret',
    })
  }
  return intent
}

function withShared(call: Call, intent: PaymentIntent, params: SharedInput): PaymentIntent {
  const types = restrictedTypes(call, params)
  const pick = <T>(given: T | undefined, before: T): T => (given === undefined ? before : given)
  return {
    ...intent,
    allowed_payment_method_types: pick(
      params.allowed_payment_method_types,
      intent.allowed_payment_method_types,
    ),
    ...(types && { automatic_payment_methods: null, payment_method_configuration_details: null }),
    capture_method: params.capture_method ?? intent.capture_method,
    excluded_payment_method_types: pick(
      params.excluded_payment_method_types,
      intent.excluded_payment_method_types,
    ),
    payment_method_options: methodOptions(params, intent.payment_method_options),
    payment_method_types: types ?? intent.payment_method_types,
    receipt_email: pick(params.receipt_email, intent.receipt_email),
    setup_future_usage: pick(params.setup_future_usage, intent.setup_future_usage),
    shipping: params.shipping ? shippingOf(params.shipping) : pick(params.shipping, intent.shipping),
  }
}

interface ConfirmInput {
  return_url?: string | undefined
  use_stripe_sdk?: boolean | undefined
  off_session?: boolean | string | undefined
  error_on_requires_action?: boolean | undefined
}

function confirmWith(
  call: Call,
  intent: PaymentIntent,
  method: PaymentMethod | undefined,
  input: ConfirmInput,
): Reply {
  if (!method) {
    throw new StripeError(400, {
      type: 'invalid_request_error',
      code: 'payment_intent_unexpected_state',
      message:
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
      payment_intent: intent as Stripe.PaymentIntent,
    })
  }
  const options: ConfirmOptions = {
    returnUrl: input.return_url,
    useStripeSdk: input.use_stripe_sdk,
    offSession: input.off_session !== undefined && input.off_session !== false,
    errorOnRequiresAction: input.error_on_requires_action,
  }
  return confirmPaymentIntent(call, intent, method, options)
}
