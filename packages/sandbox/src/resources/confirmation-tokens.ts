/** Confirmation tokens: what a payment form collected, for the server to confirm an intent with. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { shippingOf, shippingParam } from '../api/common-params.ts'
import { hash, ignored, list, oneOf, type Parsed, shapeOf, text } from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { invalidRequest, missingParam, noSuch } from '../api/stripe-error.ts'
import type { Stored } from '../store/stored-objects.ts'
import type { PaymentIntent } from './payment-intent-states.ts'
import { methodFields, type PaymentMethod, requestedPaymentMethod } from './payment-method-object.ts'
import type { SetupIntent } from './setup-intent-states.ts'

const LIFETIME_S = 12 * 3600

// The SDK does not export the name of this type.
type OfficialParams = NonNullable<
  Extract<Parameters<Stripe['testHelpers']['confirmationTokens']['create']>[0], object>
>

const createParams = shapeOf<OfficialParams>()({
  expand: list(text()),
  payment_method: text(),
  payment_method_data: hash(methodFields),
  payment_method_options: ignored(),
  return_url: text(),
  setup_future_usage: oneOf('off_session', 'on_session'),
  shipping: shippingParam,
})

export const confirmationTokenRoutes: Route[] = [
  route('POST /v1/confirmation_tokens', {
    params: createParams,
    access: 'publishable',
    run: (call, { params }) => ok(createToken(call, params)),
  }),
  route('POST /v1/test_helpers/confirmation_tokens', {
    params: createParams,
    run: (call, { params }) => ok(createToken(call, params)),
  }),
  route('GET /v1/confirmation_tokens/:id', {
    params: shapeOf<Stripe.ConfirmationTokenRetrieveParams>()({ expand: list(text()) }),
    run: (call, { id }) => ok(requireToken(call, id, 'confirmation_token')),
  }),
]

type ConfirmationToken = Stored<Stripe.ConfirmationToken>

function createToken(call: Call, params: Parsed<typeof createParams>): ConfirmationToken {
  const method = requestedPaymentMethod(call, params)
  if (!method) throw missingParam('payment_method_data')
  const token: ConfirmationToken = {
    id: call.newId('ctoken_1'),
    object: 'confirmation_token',
    created: call.now,
    expires_at: call.now + LIFETIME_S,
    livemode: false,
    mandate_data: null,
    metadata: null,
    payment_intent: null,
    payment_method_options: null,
    payment_method_preview: previewOf(method),
    return_url: params.return_url ?? null,
    setup_future_usage: params.setup_future_usage ?? null,
    setup_intent: null,
    shipping: params.shipping ? partyOf(shippingOf(params.shipping)) : null,
    use_stripe_sdk: true,
  }
  call.store.put(token, { paymentMethod: method.id })
  return token
}

/** Whom it goes to; how it goes, no form knows. */
function partyOf({ address, name, phone }: Stripe.PaymentIntent.Shipping): Stripe.ConfirmationToken.Shipping {
  return { address: address as Stripe.Address, name: name ?? '', phone: phone ?? null }
}

function previewOf(method: PaymentMethod): Stripe.ConfirmationToken.PaymentMethodPreview {
  const { allow_redisplay, billing_details, card, customer, sepa_debit, type } = method
  return {
    ...(allow_redisplay && { allow_redisplay }),
    billing_details,
    customer,
    customer_account: null,
    type,
    ...(card && { card }),
    ...(sepa_debit && { sepa_debit }),
  } as Stripe.ConfirmationToken.PaymentMethodPreview
}

interface Confirmation {
  confirmation_token?: string | undefined
  payment_method?: string | undefined
  payment_method_data?: unknown
  return_url?: string | undefined
  use_stripe_sdk?: boolean | undefined
}

/**
 * The parameters of a confirmation, filled in from the token that they name.
 * @throws StripeError for a token that is unknown, used or too old, or that a payment method stands beside.
 */
export function withConfirmationToken<P extends Confirmation>(call: Call, params: P): P {
  const id = params.confirmation_token
  if (id === undefined) return params
  if (params.payment_method !== undefined || params.payment_method_data !== undefined) {
    throw invalidRequest(
      'You may only specify one of these parameters: confirmation_token, payment_method or payment_method_data.',
      { param: 'confirmation_token' },
    )
  }
  const token = requireToken(call, id, 'confirmation_token')
  if (token.payment_intent !== null || token.setup_intent !== null) {
    throw invalidRequest(
      `The confirmation token ${id} was used already. A form makes a new one for each try.`,
      {
        param: 'confirmation_token',
      },
    )
  }
  if ((token.expires_at ?? 0) <= call.now) {
    throw invalidRequest(`The confirmation token ${id} has expired, 12 hours after it was made.`, {
      param: 'confirmation_token',
    })
  }
  return {
    ...params,
    payment_method: call.store.hidden(id).paymentMethod,
    return_url: params.return_url ?? token.return_url ?? undefined,
    use_stripe_sdk: params.use_stripe_sdk ?? token.use_stripe_sdk,
  }
}

/** Uses the token up for this intent, which takes over what the form says about the payment itself. */
export function spendConfirmationToken<I extends PaymentIntent | SetupIntent>(
  call: Call,
  id: string | undefined,
  intent: I,
): I {
  if (id === undefined) return intent
  const token = requireToken(call, id, 'confirmation_token')
  call.store.put({ ...token, [intent.object]: intent.id })
  if (intent.object === 'setup_intent') return intent
  return {
    ...intent,
    setup_future_usage: token.setup_future_usage ?? intent.setup_future_usage,
    shipping: token.shipping
      ? { ...token.shipping, carrier: null, phone: token.shipping.phone ?? null, tracking_number: null }
      : intent.shipping,
  }
}

function requireToken(call: Call, id: string, param: string): ConfirmationToken {
  const token = call.store.get('confirmation_token', id)
  if (!token) throw noSuch('ConfirmationToken', id, param)
  return token
}
