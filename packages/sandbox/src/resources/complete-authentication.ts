/** Ends a 3-D Secure challenge: the intent goes on, or asks for another payment method. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { oneOf, required, text } from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { docUrl, invalidRequest, noSuch, type StripeErrorBody } from '../api/stripe-error.ts'
import { chargeIntent } from './confirm-payment-intent.ts'
import { finishSetup } from './confirm-setup-intent.ts'
import { awaitConfirmation, failAttempt, type PaymentIntent } from './payment-intent-states.ts'
import { requireIntent } from './payment-intents.ts'
import { findPaymentMethod, type PaymentMethod } from './payment-method-object.ts'
import { failSetup, type SetupIntent } from './setup-intent-states.ts'
import { requireSetupIntent } from './setup-intents.ts'

export type AuthenticationResult = 'succeed' | 'fail'

export const authenticationRoutes: Route[] = [
  // The sandbox's own: what Stripe.js does on a challenge page goes through here.
  route('POST /v1/sandbox/authentications/:id', {
    params: { client_secret: text(), result: required(oneOf('succeed', 'fail')) },
    access: 'publishable',
    run(call, { id, params }) {
      if (id.startsWith('seti_')) requireSetupIntent(call, id, params.client_secret)
      else requireIntent(call, id, params.client_secret)
      return ok(completeAuthentication(call, id, params.result))
    },
  }),
]

/** @throws StripeError 404 for an unknown intent, 400 when it waits for no authentication. */
export function completeAuthentication(
  call: Call,
  id: string,
  result: AuthenticationResult,
): PaymentIntent | SetupIntent {
  const intent = call.store.get('payment_intent', id) ?? call.store.get('setup_intent', id)
  if (!intent) throw noSuch(id.startsWith('seti_') ? 'setupintent' : 'payment_intent', id, 'intent')
  if (intent.status !== 'requires_action' || !intent.payment_method) {
    throw invalidRequest(`${id} has the status ${intent.status}, and waits for no authentication.`, {
      code: 'intent_invalid_state',
    })
  }
  const method = findPaymentMethod(call, intent.payment_method, 'payment_method')
  return intent.object === 'payment_intent'
    ? completePayment(call, intent, method, result)
    : completeSetup(call, intent, method, result)
}

function completePayment(
  call: Call,
  intent: PaymentIntent,
  method: PaymentMethod,
  result: AuthenticationResult,
): PaymentIntent {
  if (result === 'fail') {
    const failed = failAttempt(intent, authenticationFailure('payment_intent', method), null)
    call.store.put(failed, { challenge: '' })
    call.record('payment_intent.payment_failed', failed)
    return failed
  }
  if (intent.confirmation_method === 'manual') {
    const waiting = awaitConfirmation(intent, method.id)
    call.store.put(waiting, { challenge: '', authenticated: true })
    return waiting
  }
  call.store.put(intent, { challenge: '' })
  return chargeIntent(call, intent, method, { authenticated: true }).intent
}

function completeSetup(
  call: Call,
  intent: SetupIntent,
  method: PaymentMethod,
  result: AuthenticationResult,
): SetupIntent {
  call.store.put(intent, { challenge: '' })
  if (result === 'succeed') return finishSetup(call, intent, method)
  const failed = failSetup(intent, authenticationFailure('setup_intent', method))
  call.store.put(failed)
  call.record('setup_intent.setup_failed', failed)
  return failed
}

function authenticationFailure(
  kind: 'payment_intent' | 'setup_intent',
  method: PaymentMethod,
): StripeErrorBody {
  const code = `${kind}_authentication_failure`
  return {
    code,
    doc_url: docUrl(code),
    message:
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
    payment_method: method as Stripe.PaymentMethod,
    type: 'invalid_request_error',
  }
}
