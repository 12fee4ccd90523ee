/** Confirms a SetupIntent: asks for authentication, or saves its payment method for later. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { declined, ok, type Reply } from '../api/route.ts'
import { invalidRequest } from '../api/stripe-error.ts'
import { attachPaymentMethod, requireUnspent } from './attach-payment-method.ts'
import { needsAuthentication, openChallenge } from './authentication.ts'
import { declineError, saveDeclineFor, testCardOf } from './charge-payment.ts'
import type { PaymentMethod } from './payment-method-object.ts'
import { requireReturnUrl } from './return-url.ts'
import { awaitSetupAction, completeSetup, failSetup, type SetupIntent } from './setup-intent-states.ts'

export interface SetupOptions {
  returnUrl?: string | undefined
  useStripeSdk?: boolean | undefined
}

/** @throws StripeError 400 for a method that cannot be set up here. */
export function confirmSetupIntent(
  call: Call,
  intent: SetupIntent,
  method: PaymentMethod,
  options: SetupOptions,
): Reply {
  if (!intent.payment_method_types.includes(method.type)) {
    throw invalidRequest(
      `The PaymentMethod provided (${method.type}) is not allowed for this SetupIntent. Its payment method types are: ${intent.payment_method_types.join(', ')}.`,
      { code: 'setup_intent_invalid_parameter', param: 'payment_method' },
    )
  }
  if (method.customer && method.customer !== intent.customer) {
    throw invalidRequest(
      'The provided PaymentMethod is attached to a Customer. Include that Customer in the `customer` parameter of the SetupIntent.',
      { code: 'setup_intent_invalid_parameter', param: 'payment_method' },
    )
  }
  requireUnspent(call, method)
  requireReturnUrl('SetupIntent', intent.automatic_payment_methods, options)

  const testCard = testCardOf(call, method)
  const decline = saveDeclineFor(method, testCard)
  if (decline) {
    const { request_log_url, ...kept } = declineError(call, decline, { method })
    const failed: SetupIntent = { ...failSetup(intent, kept), latest_attempt: call.newId('setatt_1') }
    call.store.put(failed)
    call.record('setup_intent.setup_failed', failed)
    return declined({
      ...kept,
      ...(request_log_url && { request_log_url }),
      setup_intent: failed as Stripe.SetupIntent,
    })
  }
  const mustAuthenticate =
    testCard?.authentication !== 'on_session' &&
    needsAuthentication(testCard, {
      offSession: false,
      setUpForOffSession: call.store.hidden(method.id).setUpForOffSession ?? false,
      requested: (intent.payment_method_options?.card?.request_three_d_secure ?? 'automatic') !== 'automatic',
    })
  if (!mustAuthenticate) return ok(finishSetup(call, intent, method))
  const { nextAction, hidden } = openChallenge(call, intent.id, options)
  const waiting = awaitSetupAction(intent, method.id, call.newId('setatt_1'), nextAction)
  call.store.put(waiting, hidden)
  call.record('setup_intent.requires_action', waiting)
  return ok(waiting)
}

/** Saves the method: attached to the intent's customer, ready for off-session payments. */
export function finishSetup(call: Call, intent: SetupIntent, method: PaymentMethod): SetupIntent {
  const saved = intent.customer ? attachPaymentMethod(call, method, intent.customer) : method
  if (intent.usage === 'off_session') call.store.put(saved, { setUpForOffSession: true })
  const done = completeSetup(intent, method.id, intent.latest_attempt ?? call.newId('setatt_1'))
  call.store.put(done)
  call.record('setup_intent.succeeded', done)
  return done
}
