/** Confirms a PaymentIntent: asks for authentication, or charges its payment method. */
import type Stripe from 'stripe'
import { checkChargeable } from '../api/amount.ts'
import type { Call } from '../api/call.ts'
import { declined, ok, type Reply } from '../api/route.ts'
import { invalidRequest, type StripeErrorBody } from '../api/stripe-error.ts'
import { AUTHENTICATION_REQUIRED, type Decline } from '../test-cards.ts'
import { attachPaymentMethod, requireUnspent } from './attach-payment-method.ts'
import { needsAuthentication, openChallenge } from './authentication.ts'
import { buildCharge, type ChargeTerms } from './charge-object.ts'
import { chargePayment, declineError, declineFor, testCardOf } from './charge-payment.ts'
import {
  awaitAction,
  completeCharge,
  failAttempt,
  type PaymentIntent,
  startProcessing,
} from './payment-intent-states.ts'
import type { PaymentMethod } from './payment-method-object.ts'
import { requireReturnUrl } from './return-url.ts'

export interface ConfirmOptions {
  returnUrl?: string | undefined
  useStripeSdk?: boolean | undefined
  offSession?: boolean | undefined
  errorOnRequiresAction?: boolean | undefined
}

const SEPA_SETTLES_MS = 3 * 60_000
const HOLD_EXPIRES_MS = 7 * 24 * 3600_000

/** @throws StripeError 400 for a method that this intent cannot be paid with. */
export function confirmPaymentIntent(
  call: Call,
  intent: PaymentIntent,
  method: PaymentMethod,
  options: ConfirmOptions,
): Reply {
  requireUsable(call, intent, method, options)
  if (method.type === 'sepa_debit') return ok(startDebit(call, intent, method))
  const hidden = call.store.hidden(intent.id)
  if (hidden.authenticated && intent.payment_method === method.id) {
    call.store.put(intent, { authenticated: false })
    return replyOf(chargeIntent(call, intent, method, { authenticated: true }))
  }
  const testCard = testCardOf(call, method)
  const offSession = options.offSession ?? false
  const requested = intent.payment_method_options?.card?.request_three_d_secure ?? 'automatic'
  const mustAuthenticate = needsAuthentication(testCard, {
    offSession,
    setUpForOffSession: call.store.hidden(method.id).setUpForOffSession ?? false,
    requested: requested !== 'automatic',
  })
  if (!mustAuthenticate) {
    return replyOf(chargeIntent(call, intent, method, { decline: declineFor(method, testCard) }))
  }
  if (offSession || options.errorOnRequiresAction) {
    return replyOf(chargeIntent(call, intent, method, { decline: AUTHENTICATION_REQUIRED }))
  }
  const { nextAction, hidden: opened } = openChallenge(call, intent.id, options)
  const waiting = awaitAction(intent, method.id, nextAction)
  call.store.put(waiting, opened)
  call.record('payment_intent.requires_action', waiting)
  return ok(waiting)
}

interface Attempt {
  intent: PaymentIntent
  error?: StripeErrorBody
}

/** Charges the method and moves the intent on; a decline is part of the outcome. */
export function chargeIntent(
  call: Call,
  intent: PaymentIntent,
  method: PaymentMethod,
  given: { decline?: Decline | undefined; authenticated?: boolean },
): Attempt {
  const authenticated = given.authenticated ?? false
  const decline = authenticated ? testCardOf(call, method)?.declineAfterAuthentication : given.decline
  const charge = chargePayment(call, {
    terms: termsOf(intent),
    method,
    decline,
    authenticated,
    bookLater: intent.capture_method === 'automatic_async',
  })
  if (decline) {
    const error = declineError(call, decline, { charge, method })
    const { request_log_url: _, ...kept } = error
    const failed = failAttempt(intent, kept, charge.id)
    call.store.put(failed)
    call.record('payment_intent.payment_failed', failed)
    return { intent: failed, error: { ...error, payment_intent: failed as Stripe.PaymentIntent } }
  }
  keepMethod(call, intent, method, authenticated)
  const done = completeCharge(intent, method.id, charge.id, charge.captured)
  call.store.put(done)
  if (charge.captured) call.record('payment_intent.succeeded', done)
  else {
    call.record('payment_intent.amount_capturable_updated', done)
    call.later('expire_hold', done.id, HOLD_EXPIRES_MS)
  }
  return { intent: done }
}

export function termsOf(intent: PaymentIntent): ChargeTerms {
  return {
    amount: intent.amount,
    currency: intent.currency,
    capture: intent.capture_method !== 'manual',
    customer: intent.customer,
    description: intent.description,
    metadata: intent.metadata,
    onBehalfOf: intent.on_behalf_of,
    paymentIntent: intent.id,
    receiptEmail: intent.receipt_email,
    shipping: intent.shipping,
    source: null,
    statementDescriptor: intent.statement_descriptor,
    statementDescriptorSuffix: intent.statement_descriptor_suffix,
    transferGroup: intent.transfer_group,
  }
}

function replyOf({ intent, error }: Attempt): Reply {
  return error ? declined(error) : ok(intent)
}

/** After a success: the customer keeps the method, or it is spent. */
function keepMethod(call: Call, intent: PaymentIntent, method: PaymentMethod, authenticated: boolean): void {
  if (intent.customer && intent.setup_future_usage) {
    attachPaymentMethod(call, method, intent.customer)
    if (intent.setup_future_usage === 'off_session' && authenticated) {
      call.store.put(call.store.get('payment_method', method.id) ?? method, { setUpForOffSession: true })
    }
  } else if (!method.customer) {
    call.store.put(method, { consumed: true })
  }
}

/** A bank debit: pending now, settled by the timer. */
function startDebit(call: Call, intent: PaymentIntent, method: PaymentMethod): PaymentIntent {
  const charge = buildCharge(call, termsOf(intent), { method, testCard: null, pending: true })
  call.store.put(charge)
  call.record('charge.pending', charge)
  const processing = startProcessing(intent, method.id, charge.id)
  call.store.put(processing)
  call.record('payment_intent.processing', processing)
  call.later('settle_debit', intent.id, SEPA_SETTLES_MS)
  return processing
}

function requireUsable(
  call: Call,
  intent: PaymentIntent,
  method: PaymentMethod,
  options: ConfirmOptions,
): void {
  checkChargeable(intent.amount, intent.currency)
  if (!intent.payment_method_types.includes(method.type)) {
    throw invalidRequest(
      `The PaymentMethod provided (${method.type}) is not allowed for this PaymentIntent. Its payment method types are: ${intent.payment_method_types.join(', ')}.`,
      { code: 'payment_intent_incompatible_payment_method', param: 'payment_method' },
    )
  }
  if (method.type === 'sepa_debit' && (intent.currency !== 'eur' || intent.capture_method === 'manual')) {
    throw invalidRequest('SEPA Direct Debit payments must be in eur, and captured automatically.', {
      code: 'payment_method_currency_mismatch',
      param: 'payment_method',
    })
  }
  if (method.customer && method.customer !== intent.customer) {
    throw invalidRequest(
      intent.customer
        ? `The provided PaymentMethod belongs to another customer than this PaymentIntent's ${intent.customer}.`
        : 'The provided PaymentMethod is attached to a Customer. Include that Customer in the `customer` parameter of the PaymentIntent.',
      { code: 'payment_intent_invalid_parameter', param: 'payment_method' },
    )
  }
  requireUnspent(call, method)
  requireReturnUrl('PaymentIntent', intent.automatic_payment_methods, options)
}
