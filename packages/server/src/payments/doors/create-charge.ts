/** The seed's charge: a token and an amount in, Stripe's charge out. Inside it is a payment like any other. */
import type { Stripe } from 'stripe'
import type { Principal } from '../../access/principal.ts'
import { redactPayload } from '../../access/redact-payload.ts'
import type { WatchTokens } from '../../access/watch-token.ts'
import { idempotencyKeyHeader } from '../../http/idempotency-key.ts'
import { failureError } from '../attempts/failure-error.ts'
import { declineOf } from '../attempts/judge-outcome.ts'
import { assertMayPay } from '../caller.ts'
import type { Pay } from '../pay.ts'
import type { ReadCustomer } from './acting-customer.ts'
import { parseCharge } from './charge-schema.ts'
import { watchScope } from './watch-scope.ts'

export interface ChargeRequest {
  readonly principal: Principal
  readonly body: unknown
  /** The caller's `Idempotency-Key` header. */
  readonly idempotencyKey: string | null
  readonly remoteAddress: string | null
  /** The client key in the path; null for a server key. */
  readonly clientKey?: string | null
  /** The header `Tollbridge-Customer-Token`. */
  readonly customerToken?: string | null
}

export interface ChargeAnswer {
  /** The charge as Stripe returns it, or the PaymentIntent with `requires_action: true`. */
  readonly body: Readonly<Record<string, unknown>>
  /** Opens the events of this payment to its payer. */
  readonly watchToken: string
  /** An earlier equal request was the one that charged. */
  readonly isRepeat: boolean
}

export interface CreateChargeDeps {
  readonly pay: Pay
  readonly watchTokens: Pick<WatchTokens, 'sign'>
  readonly readCustomer: ReadCustomer
}

export type CreateCharge = (request: ChargeRequest) => Promise<ChargeAnswer>

export function createCharge({ pay, watchTokens, readCustomer }: CreateChargeDeps): CreateCharge {
  return async ({ principal, body, idempotencyKey, remoteAddress, ...proofs }) => {
    assertMayPay(principal)
    const { input, captcha } = parseCharge(body)
    const callerKey = idempotencyKeyHeader(idempotencyKey)
    const caller = {
      principal,
      address: remoteAddress,
      clientKey: proofs.clientKey ?? null,
      captcha,
      callerKey,
      account: '',
      customer: await readCustomer(principal.appId, proofs.customerToken ?? null),
    }
    const { intent, orderId, isAnothersCharge, isRepeat } = await pay(caller, input)
    if (intent.status === 'requires_payment_method' && intent.last_payment_error !== null) {
      // A repeat of a call that waited for 3-D Secure, which has failed since.
      throw failureError(declineOf(intent, intent.last_payment_error))
    }
    // Whoever guesses an order id gets here: a client learns that it is paid, not by whom.
    const shown = isAnothersCharge && principal.role === 'client' ? redactPayload(intent) : intent
    return {
      body: answerOf(shown as Stripe.PaymentIntent),
      watchToken: await watchTokens.sign(principal.appId, watchScope(intent, orderId)),
      isRepeat,
    }
  }
}

/** The charge once there is money to speak of; before that the intent, which says what to do next. */
function answerOf(intent: Stripe.PaymentIntent): Record<string, unknown> {
  const charge = intent.latest_charge
  const isCharged =
    intent.status === 'succeeded' || intent.status === 'requires_capture' || intent.status === 'processing'
  if (isCharged && charge !== null && typeof charge === 'object') return { ...charge }
  return { ...intent, requires_action: intent.status === 'requires_action' }
}
