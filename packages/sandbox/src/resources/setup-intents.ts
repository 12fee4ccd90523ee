/** The SetupIntent endpoints. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { mergeMetadata } from '../api/common-params.ts'
import { createdParam, listPage, pageParams } from '../api/list-page.ts'
import {
  bool,
  hash,
  ignored,
  list,
  metadata,
  oneOf,
  type Parsed,
  required,
  shapeOf,
  text,
  unavailable,
  unsettable,
} from '../api/params.ts'
import { ok, type Reply, type Route, route } from '../api/route.ts'
import { missingParam, noSuch, StripeError } from '../api/stripe-error.ts'
import { confirmSetupIntent } from './confirm-setup-intent.ts'
import { spendConfirmationToken, withConfirmationToken } from './confirmation-tokens.ts'
import { requireCustomer } from './customer-object.ts'
import { isDynamic, methodOptionsParam, restrictedTypes } from './payment-intent-params.ts'
import {
  findPaymentMethod,
  methodFields,
  type PaymentMethod,
  requestedPaymentMethod,
} from './payment-method-object.ts'
import { awaitSetupConfirmation, cancelSetup, requireOpen, type SetupIntent } from './setup-intent-states.ts'

const sharedFields = {
  allowed_payment_method_types: list(text()),
  expand: list(text()),
  payment_method: text(),
  payment_method_data: hash(methodFields),
  payment_method_options: methodOptionsParam,
  payment_method_types: list(text()),
}

const termFields = {
  attach_to_self: bool(),
  customer: text(),
  customer_account: unavailable(),
  description: unsettable(text()),
  excluded_payment_method_types: unsettable(list(text())),
  flow_directions: unavailable(),
  metadata: metadata(),
  payment_method_configuration: text(),
}

const confirmationFields = {
  confirmation_token: text(),
  mandate_data: ignored(),
  return_url: text(),
  use_stripe_sdk: bool(),
}

const createParams = shapeOf<Stripe.SetupIntentCreateParams>()({
  ...sharedFields,
  ...termFields,
  ...confirmationFields,
  automatic_payment_methods: hash({ allow_redirects: oneOf('always', 'never'), enabled: required(bool()) }),
  confirm: bool(),
  on_behalf_of: text(),
  single_use: unavailable(),
  usage: oneOf('off_session', 'on_session'),
})

export const setupIntentRoutes: Route[] = [
  route('POST /v1/setup_intents', {
    params: createParams,
    run(call, { params: given }) {
      if (given.customer) requireCustomer(call, given.customer, 'customer')
      const params = withConfirmationToken(call, given)
      const created = spendConfirmationToken(call, params.confirmation_token, buildSetupIntent(call, params))
      const method = requestedPaymentMethod(call, params)
      const intent = method ? awaitSetupConfirmation(created, method.id) : created
      call.store.put(intent)
      call.record('setup_intent.created', intent)
      return params.confirm ? confirmWith(call, intent, method, params) : ok(intent)
    },
  }),
  route('GET /v1/setup_intents', {
    params: shapeOf<Stripe.SetupIntentListParams>()({
      ...pageParams,
      attach_to_self: bool(),
      created: createdParam,
      customer: text(),
      customer_account: unavailable(),
      expand: list(text()),
      payment_method: text(),
    }),
    run: (call, { params }) =>
      ok(
        listPage(call, '/v1/setup_intents', {
          kind: 'setup_intent',
          page: params,
          created: params.created,
          where: {
            ...(params.customer && { customer: params.customer }),
            ...(params.payment_method && { payment_method: params.payment_method }),
          },
        }),
      ),
  }),
  route('GET /v1/setup_intents/:id', {
    params: shapeOf<Stripe.SetupIntentRetrieveParams>()({ client_secret: text(), expand: list(text()) }),
    access: 'publishable',
    run: (call, { id, params }) => ok(requireSetupIntent(call, id, params.client_secret)),
  }),
  route('POST /v1/setup_intents/:id', {
    params: shapeOf<Stripe.SetupIntentUpdateParams>()({ ...sharedFields, ...termFields }),
    run(call, { id, params }) {
      const intent = requireSetupIntent(call, id)
      const method = requestedPaymentMethod(call, params)
      if (method || params.customer) requireOpen(intent, 'updated')
      if (params.customer) requireCustomer(call, params.customer, 'customer')
      const changed: SetupIntent = {
        ...withShared(call, intent, params),
        customer: params.customer ?? intent.customer,
        description: params.description === undefined ? intent.description : params.description,
        metadata: mergeMetadata(intent.metadata, params.metadata),
      }
      const updated = method ? awaitSetupConfirmation(changed, method.id) : changed
      call.store.put(updated, method && { challenge: '' })
      return ok(updated)
    },
  }),
  route('POST /v1/setup_intents/:id/confirm', {
    params: shapeOf<Stripe.SetupIntentConfirmParams>()({
      ...sharedFields,
      ...confirmationFields,
      client_secret: text(),
    }),
    access: 'publishable',
    run(call, { id, params: given }) {
      const intent = requireSetupIntent(call, id, given.client_secret)
      requireOpen(intent, 'confirmed')
      const params = withConfirmationToken(call, given)
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
  route('POST /v1/setup_intents/:id/cancel', {
    params: shapeOf<Stripe.SetupIntentCancelParams>()({
      cancellation_reason: oneOf('abandoned', 'duplicate', 'requested_by_customer'),
      expand: list(text()),
    }),
    run(call, { id, params }) {
      const intent = requireSetupIntent(call, id)
      requireOpen(intent, 'canceled')
      const canceled = cancelSetup(intent, params.cancellation_reason ?? null)
      call.store.put(canceled, { challenge: '' })
      call.record('setup_intent.canceled', canceled)
      return ok(canceled)
    },
  }),
]

/** @throws StripeError 404, or 400 when a publishable key does not show the intent's client secret. */
export function requireSetupIntent(call: Call, id: string, clientSecret?: string): SetupIntent {
  const intent = call.store.get('setup_intent', id)
  if (!intent) throw noSuch('setupintent', id, 'intent')
  if (call.publishable && clientSecret === undefined) throw missingParam('client_secret')
  if (clientSecret !== undefined && clientSecret !== intent.client_secret) {
    throw new StripeError(400, {
      type: 'invalid_request_error',
      code: 'setup_intent_invalid_parameter',
      message: 'The client_secret provided does not match the client_secret associated with the SetupIntent.',
      param: 'client_secret',
    })
  }
  return intent
}

function buildSetupIntent(call: Call, params: Parsed<typeof createParams>): SetupIntent {
  const types = restrictedTypes(call, params)
  const automatic = params.automatic_payment_methods
  const dynamic = isDynamic(call, types, automatic?.enabled)
  const id = call.newId('seti_1')
  return {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    application: null,
    automatic_payment_methods: dynamic
      ? { allow_redirects: automatic?.allow_redirects ?? 'always', enabled: true }
      : null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${call.newId('', 25)}`,
    created: call.now,
    customer: params.customer ?? null,
    customer_account: null,
    description: params.description ?? null,
    excluded_payment_method_types: params.excluded_payment_method_types ?? null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    managed_payments: null,
    mandate: null,
    metadata: params.metadata ?? {},
    next_action: null,
    on_behalf_of: params.on_behalf_of ?? null,
    payment_method: null,
    payment_method_configuration_details: dynamic
      ? { id: params.payment_method_configuration ?? 'pmc_1sandbox', parent: null }
      : null,
    payment_method_options: optionsAfter(params),
    payment_method_types: types ?? ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: params.usage ?? 'off_session',
  }
}

function optionsAfter(
  input: Pick<Parsed<typeof sharedFields>, 'payment_method_options'>,
  before?: Stripe.SetupIntent.PaymentMethodOptions | null,
): Stripe.SetupIntent.PaymentMethodOptions {
  const request = input.payment_method_options?.card?.request_three_d_secure
  return {
    ...before,
    card: {
      mandate_options: null,
      network: null,
      request_three_d_secure: request ?? before?.card?.request_three_d_secure ?? 'automatic',
    },
  }
}

function withShared(call: Call, intent: SetupIntent, params: Parsed<typeof sharedFields>): SetupIntent {
  const types = restrictedTypes(call, params)
  return {
    ...intent,
    allowed_payment_method_types: params.allowed_payment_method_types ?? intent.allowed_payment_method_types,
    ...(types && { automatic_payment_methods: null, payment_method_configuration_details: null }),
    payment_method_options: optionsAfter(params, intent.payment_method_options),
    payment_method_types: types ?? intent.payment_method_types,
  }
}

function confirmWith(
  call: Call,
  intent: SetupIntent,
  method: PaymentMethod | undefined,
  input: { return_url?: string | undefined; use_stripe_sdk?: boolean | undefined },
): Reply {
  if (!method) {
    throw new StripeError(400, {
      type: 'invalid_request_error',
      code: 'setup_intent_unexpected_state',
      message:
        "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment method.",
      setup_intent: intent as Stripe.SetupIntent,
    })
  }
  return confirmSetupIntent(call, intent, method, {
    returnUrl: input.return_url,
    useStripeSdk: input.use_stripe_sdk,
  })
}
