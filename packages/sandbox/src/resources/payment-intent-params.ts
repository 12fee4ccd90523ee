/** The parameters of the PaymentIntent calls, and the intent that a create call makes of them. */
import type Stripe from 'stripe'
import { amount, currency } from '../api/amount.ts'
import type { Call } from '../api/call.ts'
import { otherMethodTypes, shippingOf, shippingParam } from '../api/common-params.ts'
import {
  bool,
  either,
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
  unavailable,
  unsettable,
} from '../api/params.ts'
import { StripeError } from '../api/stripe-error.ts'
import { refuseBoth } from '../cards.ts'
import type { PaymentIntent } from './payment-intent-states.ts'
import { methodFields } from './payment-method-object.ts'

const cardOptions = hash({
  capture_method: unsettable(oneOf('manual')),
  cvc_token: unavailable(),
  installments: ignored(),
  mandate_options: ignored(),
  moto: bool(),
  network: text(),
  request_extended_authorization: ignored(),
  request_incremental_authorization: ignored(),
  request_multicapture: ignored(),
  request_overcapture: ignored(),
  request_three_d_secure: oneOf('any', 'automatic', 'challenge'),
  require_cvc_recollection: bool(),
  setup_credential_usage: ignored(),
  setup_future_usage: unsettable(oneOf('none', 'off_session', 'on_session')),
  statement_descriptor_suffix_kana: ignored(),
  statement_descriptor_suffix_kanji: ignored(),
  stored_credential_usage: ignored(),
  three_d_secure: ignored(),
})

/** `payment_method_options` of payment and setup intents. */
export const methodOptionsParam = hash({
  ...otherMethodTypes,
  card: unsettable(cardOptions),
  card_present: ignored(),
  sepa_debit: ignored(),
})

/** What create, update and confirm share. */
const sharedFields = {
  allowed_payment_method_types: list(text()),
  amount_details: ignored(),
  capture_method: oneOf('automatic', 'automatic_async', 'manual'),
  excluded_payment_method_types: unsettable(list(text())),
  expand: list(text()),
  hooks: ignored(),
  payment_details: ignored(),
  payment_method: text(),
  payment_method_data: hash(methodFields),
  payment_method_options: methodOptionsParam,
  payment_method_types: list(text()),
  receipt_email: unsettable(text()),
  setup_future_usage: unsettable(oneOf('off_session', 'on_session')),
  shipping: unsettable(shippingParam),
}

const termFields = {
  application_fee_amount: ignored(),
  customer: text(),
  customer_account: unavailable(),
  description: unsettable(text()),
  metadata: metadata(),
  payment_method_configuration: text(),
  statement_descriptor: unsettable(text(22)),
  statement_descriptor_suffix: unsettable(text(22)),
  transfer_data: ignored(),
  transfer_group: text(),
}

const confirmationFields = {
  confirmation_token: text(),
  error_on_requires_action: bool(),
  mandate: ignored(),
  mandate_data: ignored(),
  off_session: either(bool(), oneOf('one_off', 'recurring')),
  radar_options: ignored(),
  return_url: text(),
  use_stripe_sdk: bool(),
}

export const createParams = shapeOf<Stripe.PaymentIntentCreateParams>()({
  ...sharedFields,
  ...termFields,
  ...confirmationFields,
  amount: required(amount()),
  automatic_payment_methods: hash({ allow_redirects: oneOf('always', 'never'), enabled: required(bool()) }),
  confirm: bool(),
  confirmation_method: oneOf('automatic', 'manual'),
  currency: required(currency()),
  on_behalf_of: text(),
})

export const updateParams = shapeOf<Stripe.PaymentIntentUpdateParams>()({
  ...sharedFields,
  ...termFields,
  amount: amount(),
  currency: currency(),
})

export const confirmParams = shapeOf<Stripe.PaymentIntentConfirmParams>()({
  ...sharedFields,
  ...confirmationFields,
  amount_to_confirm: amount(),
  client_secret: text(),
})

export const captureParams = shapeOf<Stripe.PaymentIntentCaptureParams>()({
  amount_details: ignored(),
  amount_to_capture: integer({ min: 1 }),
  application_fee_amount: ignored(),
  expand: list(text()),
  final_capture: bool(),
  hooks: ignored(),
  metadata: metadata(),
  payment_details: ignored(),
  statement_descriptor: text(22),
  statement_descriptor_suffix: text(22),
  transfer_data: ignored(),
})

export type SharedInput = Parsed<typeof sharedFields>

const TYPES_REMOVED_IN = '2026-09-30'
const DYNAMIC_SINCE = '2023-08-16'

/**
 * The payment method types the caller restricts the intent to, if any.
 * @throws StripeError 400 for `payment_method_types` in a version that no longer has it.
 */
export function restrictedTypes(
  call: Pick<Call, 'apiVersion'>,
  input: { allowed_payment_method_types?: string[] | undefined; payment_method_types?: string[] | undefined },
): string[] | undefined {
  const { allowed_payment_method_types: allowed, payment_method_types: legacy } = input
  if (legacy && call.apiVersion.slice(0, 10) >= TYPES_REMOVED_IN) {
    throw new StripeError(400, {
      type: 'invalid_request_error',
      code: 'payment_method_types_no_longer_supported',
      message:
        'The parameter `payment_method_types` is no longer supported as of API version 2026-09-30.endive. Use `allowed_payment_method_types` or `automatic_payment_methods` instead.',
      param: 'payment_method_types',
    })
  }
  refuseBoth(allowed, legacy, ['allowed_payment_method_types', 'payment_method_types'])
  return allowed ?? legacy
}

/** Whether the intent offers whatever the account's configuration allows. */
export function isDynamic(
  call: Pick<Call, 'apiVersion'>,
  types: string[] | undefined,
  enabled: boolean | undefined,
): boolean {
  if (types !== undefined) return false
  // A call without a version is served as an older account, on which the official command line relies.
  return enabled ?? call.apiVersion.slice(0, 10) >= DYNAMIC_SINCE
}

/** A new intent, before any payment method. */
export function buildPaymentIntent(call: Call, params: Parsed<typeof createParams>): PaymentIntent {
  const types = restrictedTypes(call, params)
  const automatic = params.automatic_payment_methods
  refuseBoth(automatic?.enabled ? automatic : undefined, types, [
    'automatic_payment_methods',
    'allowed_payment_method_types',
  ])
  const dynamic = isDynamic(call, types, automatic?.enabled)
  const id = call.newId('pi_3')
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    amount: params.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: dynamic
      ? { allow_redirects: automatic?.allow_redirects ?? 'always', enabled: true }
      : null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: params.capture_method ?? 'automatic_async',
    client_secret: `${id}_secret_${call.newId('', 25)}`,
    confirmation_method: params.confirmation_method ?? 'automatic',
    created: call.now,
    currency: params.currency,
    customer: params.customer ?? null,
    customer_account: null,
    description: params.description ?? null,
    excluded_payment_method_types: params.excluded_payment_method_types ?? null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: params.metadata ?? {},
    next_action: null,
    on_behalf_of: params.on_behalf_of ?? null,
    payment_method: null,
    payment_method_configuration_details: dynamic
      ? { id: params.payment_method_configuration ?? 'pmc_1sandbox', parent: null }
      : null,
    payment_method_options: methodOptions(params),
    payment_method_types: types ?? ['card'],
    payment_record: null,
    processing: null,
    receipt_email: params.receipt_email ?? null,
    review: null,
    setup_future_usage: params.setup_future_usage ?? null,
    shipping: params.shipping ? shippingOf(params.shipping) : null,
    source: null,
    statement_descriptor: params.statement_descriptor ?? null,
    statement_descriptor_suffix: params.statement_descriptor_suffix ?? null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: params.transfer_group ?? null,
  }
}

/** The intent's card options after a call with these parameters. */
export function methodOptions(
  input: Pick<SharedInput, 'payment_method_options'>,
  before?: Stripe.PaymentIntent.PaymentMethodOptions | null,
): Stripe.PaymentIntent.PaymentMethodOptions {
  const given = input.payment_method_options?.card
  return {
    ...before,
    card: {
      installments: null,
      mandate_options: null,
      network: null,
      request_three_d_secure: 'automatic',
      ...before?.card,
      ...(given?.request_three_d_secure && { request_three_d_secure: given.request_three_d_secure }),
    },
  }
}
