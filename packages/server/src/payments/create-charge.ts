/** The seed's charge: a token and an amount in, Stripe's charge out. Inside it is one PaymentIntent. */
import type { Stripe } from 'stripe'
import type { Principal, WatchScope } from '../access/principal.ts'
import { redactPayload } from '../access/redact-payload.ts'
import type { WatchTokens } from '../access/watch-token.ts'
import { ServiceError } from '../errors.ts'
import { ORDER_ID_METADATA } from '../stripe/event-facts.ts'
import type { StripeGateway } from '../stripe/stripe-gateway.ts'
import { idempotencyKey, isSingleUse } from './idempotency-key.ts'
import { type ChargeInput, parseCharge } from './schema.ts'

export interface ChargeRequest {
  readonly principal: Principal
  readonly body: unknown
  /** The caller's `Idempotency-Key` header. */
  readonly idempotencyKey: string | null
}

export interface ChargeAnswer {
  /** The charge as Stripe returns it, or the PaymentIntent with `requires_action: true`. */
  readonly body: Readonly<Record<string, unknown>>
  /** Opens the events of this payment to its payer. */
  readonly watchToken: string
}

export interface CreateChargeDeps {
  readonly stripe: StripeGateway
  readonly watchTokens: Pick<WatchTokens, 'sign'>
  readonly defaultCurrency: string
  /** A fresh random id. */
  newId(): string
}

export type CreateCharge = (request: ChargeRequest) => Promise<ChargeAnswer>

const LATEST_CHARGE: string[] = ['latest_charge']

export function createCharge(deps: CreateChargeDeps): CreateCharge {
  return async ({ principal, body, idempotencyKey: callerKey }) => {
    if (principal.role === 'watch') {
      throw new ServiceError('server_key_required', {
        message: 'A watch token only watches; charge with the client key or a server key.',
      })
    }
    const input = parseCharge(body, deps.defaultCurrency)
    const key = parseCallerKey(callerKey)
    const intent =
      input.orderId === null
        ? await asItStands(deps, await chargeOnce(deps, principal.appId, input, key))
        : await chargeOrder(deps, principal, input, input.orderId, key)
    return {
      body: answerOf(intent),
      watchToken: await deps.watchTokens.sign(principal.appId, watchScope(intent, input.orderId)),
    }
  }
}

/** Without an order id: one call that creates and confirms. */
async function chargeOnce(
  deps: CreateChargeDeps,
  appId: string,
  input: ChargeInput,
  callerKey: string | null,
) {
  const { token, amount, currency } = input
  const key =
    callerKey !== null
      ? idempotencyKey(appId, { kind: 'caller', key: callerKey })
      : isSingleUse(token)
        ? idempotencyKey(appId, { kind: 'token', token, amount, currency })
        : idempotencyKey(appId, { kind: 'random', id: deps.newId() })
  return deps.stripe.createPaymentIntent(
    { ...intentParams(input), ...confirmParams(input), confirm: true },
    { idempotencyKey: key },
  )
}

/**
 * With an order id: one PaymentIntent an order, confirmed by each card that is tried. A declined payer can
 * take another card, and still the order is paid once, because a PaymentIntent succeeds once.
 */
async function chargeOrder(
  deps: CreateChargeDeps,
  { appId, role }: Principal,
  input: ChargeInput,
  orderId: string,
  callerKey: string | null,
): Promise<Stripe.PaymentIntent> {
  const created = await deps.stripe.createPaymentIntent(intentParams(input), {
    idempotencyKey: idempotencyKey(appId, { kind: 'order', orderId }),
  })
  const attempt = callerKey ?? (isSingleUse(input.token) ? '' : await attemptOf(deps, created.id))
  try {
    const confirmed = await deps.stripe.confirmPaymentIntent(created.id, confirmParams(input), {
      idempotencyKey: idempotencyKey(appId, {
        kind: 'order_attempt',
        orderId,
        token: input.token,
        key: attempt,
      }),
    })
    return await asItStands(deps, confirmed)
  } catch (error) {
    if (!isUnexpectedState(error)) throw error
    // Another attempt got there first: the order's own outcome is the answer.
    const settled = await deps.stripe.retrievePaymentIntent(created.id, { expand: LATEST_CHARGE })
    if (settled.status === 'canceled' || settled.status === 'requires_payment_method') throw error
    // Whoever guesses an order id gets here: a client learns that it is paid, not by whom.
    return role === 'client' ? (redactPayload(settled) as Stripe.PaymentIntent) : settled
  }
}

/** Stripe answers a repeated call as it did the first time, so what waited then may be over by now. */
async function asItStands(
  { stripe }: Pick<CreateChargeDeps, 'stripe'>,
  answered: Stripe.PaymentIntent,
): Promise<Stripe.PaymentIntent> {
  if (answered.status !== 'requires_action' && answered.status !== 'processing') return answered
  const intent = await stripe.retrievePaymentIntent(answered.id, { expand: LATEST_CHARGE })
  if (intent.status === 'requires_payment_method') throw refusedSince(intent)
  return intent
}

function refusedSince({ id, last_payment_error: error }: Stripe.PaymentIntent): ServiceError {
  return new ServiceError('card_declined', {
    message: error?.message ?? 'The payment was refused; collect another card.',
    details: {
      payment_intent: id,
      ...(error?.code === undefined ? {} : { code: error.code }),
      ...(error?.decline_code === undefined ? {} : { decline_code: error.decline_code }),
      ...(error?.charge === undefined ? {} : { charge: error.charge }),
    },
  })
}

/** A token that can be used again makes a new attempt once the last one has failed, and a repeat until then. */
async function attemptOf(deps: CreateChargeDeps, intentId: string): Promise<string> {
  const { status, last_payment_error: failure } = await deps.stripe.retrievePaymentIntent(intentId)
  if (status !== 'requires_payment_method' || failure === null) return ''
  // A failed 3-D Secure leaves no charge to tell it from the next; an intent is paid once under any key.
  return failure.charge ?? deps.newId()
}

function isUnexpectedState(error: unknown): boolean {
  return error instanceof ServiceError && error.details['stripe_code'] === 'payment_intent_unexpected_state'
}

function intentParams(input: ChargeInput) {
  const metadata = {
    ...input.metadata,
    ...(input.orderId === null ? {} : { [ORDER_ID_METADATA]: input.orderId }),
  }
  return {
    amount: input.amount,
    currency: input.currency,
    allowed_payment_method_types: ['card'],
    expand: LATEST_CHARGE,
    ...(input.description === null ? {} : { description: input.description }),
    ...(input.receiptEmail === null ? {} : { receipt_email: input.receiptEmail }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  } satisfies Stripe.PaymentIntentCreateParams
}

/** Stripe takes a card token here (`payment_method_data[card][token]`); its type declarations leave it out. */
type CardTokenData = { readonly type: 'card'; readonly card: { readonly token: string } }

function confirmParams(input: ChargeInput) {
  const tokenData: CardTokenData = { type: 'card', card: { token: input.token } }
  return {
    expand: LATEST_CHARGE,
    ...(input.token.startsWith('pm_') ? { payment_method: input.token } : { payment_method_data: tokenData }),
    // A page finishes 3-D Secure through Stripe.js; who sends a return_url wants the redirect instead.
    ...(input.returnUrl === null ? { use_stripe_sdk: true } : { return_url: input.returnUrl }),
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

function watchScope(intent: Stripe.PaymentIntent, orderId: string | null): WatchScope {
  const charge = intent.latest_charge
  const chargeId = typeof charge === 'string' ? charge : charge?.id
  return {
    id: [intent.id, ...(chargeId === undefined ? [] : [chargeId])],
    paymentIntentId: [intent.id],
    orderId: orderId === null ? [] : [orderId],
  }
}

function parseCallerKey(key: string | null): string | null {
  if (key === null || key === '') return null
  if (key.length <= 255) return key
  throw new ServiceError('parameter_invalid', {
    message: 'The header Idempotency-Key may have at most 255 characters.',
    param: 'Idempotency-Key',
  })
}
