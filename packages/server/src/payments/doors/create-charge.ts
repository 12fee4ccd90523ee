/** The seed's charge: a token and an amount in, Stripe's charge out. Inside it is a payment like any other. */
import type { Stripe } from 'stripe'
import type { Principal } from '../../access/principal.ts'
import type { WatchTokens } from '../../access/watch-token.ts'
import { idempotencyKeyHeader } from '../../http/idempotency-key.ts'
import { failureError } from '../attempts/failure-error.ts'
import { declineOf } from '../attempts/judge-outcome.ts'
import { assertMayPay } from '../caller.ts'
import type { Pay } from '../pay.ts'
import type { ReadCustomer } from './acting-customer.ts'
import { parseCharge } from './charge-schema.ts'
import { type ReadHeader, shownInHeaders, withShown } from './shown-proofs.ts'
import type { TellPayer } from './tell-payer.ts'
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
  /** The others, in which proofs travel. */
  readonly header?: ReadHeader
  /** Its client repeats a request by itself, without telling the app. */
  readonly repeatsItself?: boolean
}

export interface ChargeAnswer {
  /** The charge as Stripe returns it, or the PaymentIntent with `requires_action: true`. */
  readonly body: Readonly<Record<string, unknown>>
  /** Opens the events of this payment to its payer; null: the caller only sent what another had sent before. */
  readonly watchToken: string | null
  /** An earlier equal request was the one that charged. */
  readonly isRepeat: boolean
}

export interface CreateChargeDeps {
  readonly pay: Pay
  readonly watchTokens: Pick<WatchTokens, 'sign'>
  readonly readCustomer: ReadCustomer
  readonly tellPayer: TellPayer
}

export type CreateCharge = (request: ChargeRequest) => Promise<ChargeAnswer>

export function createCharge({ pay, watchTokens, readCustomer, tellPayer }: CreateChargeDeps): CreateCharge {
  return async ({ principal, body, idempotencyKey, remoteAddress, header = () => null, ...rest }) => {
    assertMayPay(principal)
    const { input, captcha, client_secret, payer_key } = parseCharge(body)
    const caller = withShown(
      {
        principal,
        address: remoteAddress,
        clientKey: rest.clientKey ?? null,
        captcha,
        callerKey: idempotencyKeyHeader(idempotencyKey),
        account: '',
        customer: await readCustomer(principal.appId, rest.customerToken ?? null),
        shown: shownInHeaders(header),
        repeatsItself: rest.repeatsItself === true,
      },
      { client_secret, payer_key, quote: input.asked.quote, token: input.card },
    )
    const { intent, orderId, isAskers, isRepeat } = await tellPayer(caller, async () => {
      const paid = await pay(caller, input)
      const { status, last_payment_error: error } = paid.intent
      // A repeat of a call that waited for 3-D Secure, which has failed since.
      if (status === 'requires_payment_method' && error !== null)
        throw failureError(declineOf(paid.intent, error))
      return paid
    })
    const answer = answerOf(intent)
    if (!isAskers) {
      const { id, object, status } = answer
      return { body: { id, object, status }, watchToken: null, isRepeat }
    }
    return {
      body: answer,
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
