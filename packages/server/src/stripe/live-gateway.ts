/** The gateway over the official SDK. Real Stripe and the sandbox differ by the base address alone. */
import type { ErrorCode } from '@tollbridge/protocol'
import { Stripe } from 'stripe'
import { ServiceError } from '../errors.ts'
import { apiAddress } from './api-address.ts'
import { assertStripeObject, type ExpectedObject } from './assert-stripe-object.ts'
import { type CallProgress, withProgress } from './call-stage.ts'
import { sendOnce } from './send-once.ts'
import { type StripeWires, trustedWires } from './stripe-connections.ts'
import type { CallOptions, ReadOptions, StripeGateway } from './stripe-gateway.ts'
import { createStripeHttpClient } from './stripe-http-client.ts'
import type { StripeTime } from './stripe-time.ts'
import { translateStripeError } from './translate-stripe-error.ts'

export interface LiveGatewayOptions {
  readonly secretKey: string
  /** An origin such as `http://127.0.0.1:4243`; null: Stripe's own. */
  readonly apiBase: string | null
  /** From the first step of a call to the last byte of its answer. */
  readonly timeoutMs: number
  /** Absent: connections of its own. */
  readonly wires?: StripeWires
  /** Of the Stripe at that address. */
  readonly time: StripeTime
}

/** A read is repeated so often after a lost connection, 409 and 5xx. */
const READ_RETRIES = 2
const FIRST_PAUSE_MS = 250
const REPEATED: ReadonlySet<string> = new Set<ErrorCode>([
  'stripe_unreachable',
  'stripe_failed',
  'idempotency_key_in_use',
])

export function createLiveGateway(options: LiveGatewayOptions): StripeGateway {
  const stripe = new Stripe(options.secretKey, {
    ...apiAddress(options.apiBase),
    timeout: options.timeoutMs,
    httpClient: sendOnce(createStripeHttpClient(options.wires ?? trustedWires(), options.time)),
    telemetry: false,
    appInfo: { name: 'Tollbridge' },
  })
  const {
    charges,
    customers,
    disputes,
    events,
    paymentIntents,
    paymentMethods,
    refunds,
    setupIntents,
    tokens,
  } = stripe
  const read = reading(options.timeoutMs)
  const gateway: StripeGateway = {
    time: options.time,
    async createPaymentIntent(params, on) {
      return fresh(
        await call({ object: 'payment_intent' }, on, (how) => paymentIntents.create(params, how)),
        params,
        on,
      )
    },
    async confirmPaymentIntent(id, params, on) {
      return fresh(
        await call({ object: 'payment_intent', id }, on, (how) => paymentIntents.confirm(id, params, how)),
        params,
        on,
      )
    },
    updatePaymentIntent: (id, params, on) =>
      call({ object: 'payment_intent', id }, on, (how) => paymentIntents.update(id, params, how)),
    capturePaymentIntent: (id, params, on) =>
      call({ object: 'payment_intent', id }, on, (how) => paymentIntents.capture(id, params, how)),
    cancelPaymentIntent: (id, params, on) =>
      call({ object: 'payment_intent', id }, on, (how) => paymentIntents.cancel(id, params, how)),
    retrievePaymentIntent: (id, params = {}, on = {}) =>
      read({ object: 'payment_intent', id }, on, (how) => paymentIntents.retrieve(id, params, how)),
    listPaymentIntents: (params, on = {}) =>
      read({ object: 'list', items: 'payment_intent' }, on, (how) => paymentIntents.list(params, how)),
    createRefund: (params, on) => call({ object: 'refund' }, on, (how) => refunds.create(params, how)),
    listRefunds: (params, on = {}) =>
      read({ object: 'list', items: 'refund' }, on, (how) => refunds.list(params, how)),
    retrieveCharge: (id, on = {}) =>
      read({ object: 'charge', id }, on, (how) => charges.retrieve(id, {}, how)),
    listDisputes: (params, on = {}) =>
      read({ object: 'list', items: 'dispute' }, on, (how) => disputes.list(params, how)),
    listEvents: (params, on = {}) =>
      read({ object: 'list', items: 'event' }, on, (how) => events.list(params, how)),
    createSetupIntent: (params, on) =>
      call({ object: 'setup_intent' }, on, (how) => setupIntents.create(params, how)),
    confirmSetupIntent: (id, params, on) =>
      call({ object: 'setup_intent', id }, on, (how) => setupIntents.confirm(id, params, how)),
    cancelSetupIntent: (id, params, on) =>
      call({ object: 'setup_intent', id }, on, (how) => setupIntents.cancel(id, params, how)),
    retrieveSetupIntent: (id, params = {}, on = {}) =>
      read({ object: 'setup_intent', id }, on, (how) => setupIntents.retrieve(id, params, how)),
    listCards: (customer, params, on = {}) =>
      read({ object: 'list', items: 'payment_method' }, on, (how) =>
        customers.listPaymentMethods(customer, { ...params, type: 'card' }, how),
      ),
    retrievePaymentMethod: (id, on = {}) =>
      read({ object: 'payment_method' }, on, (how) => paymentMethods.retrieve(id, {}, how)),
    retrieveToken: (id, on = {}) => read({ object: 'token' }, on, (how) => tokens.retrieve(id, {}, how)),
    detachPaymentMethod: (id, on) =>
      call({ object: 'payment_method' }, on, (how) => paymentMethods.detach(id, {}, how)),
  }
  return gateway

  /** A replayed answer tells what was when the call first came; what counts is what is. */
  async function fresh(
    answer: Stripe.PaymentIntent & { readonly lastResponse?: { readonly headers: unknown } },
    { expand = [] }: { readonly expand?: string[] },
    { account = null }: CallOptions,
  ): Promise<Stripe.PaymentIntent> {
    const headers = answer.lastResponse?.headers as Readonly<Record<string, string>> | undefined
    if (headers?.['idempotent-replayed'] !== 'true') return answer
    return gateway.retrievePaymentIntent(answer.id, { expand }, { account })
  }
}

/** Sent once: who calls decides about repeats, as a failure of a repeat says nothing about the first try. */
function call<T>(
  expected: ExpectedObject,
  { idempotencyKey, account = null }: CallOptions,
  send: (how: Stripe.RequestOptions) => Promise<T>,
): Promise<T> {
  const how = { idempotencyKey, maxNetworkRetries: 0, ...accountOf(account) }
  return translated(expected, account, () => send(how))
}

type Read = <T>(
  expected: ExpectedObject,
  on: ReadOptions,
  send: (how: Stripe.RequestOptions) => Promise<T>,
) => Promise<T>

/** Repeated where that can help, within the time of one call: the SDK would give each try, and its pauses, a time of their own. */
function reading(timeoutMs: number): Read {
  return async (expected, { account = null }, send) => {
    const until = performance.now() + timeoutMs
    for (let tries = 0; ; tries++) {
      const timeout = Math.max(1, Math.ceil(until - performance.now()))
      try {
        return await translated(expected, account, () =>
          send({ maxNetworkRetries: 0, timeout, ...accountOf(account) }),
        )
      } catch (error) {
        const pauseMs = FIRST_PAUSE_MS * 2 ** tries
        const isOver = tries >= READ_RETRIES || performance.now() + pauseMs >= until
        if (isOver || !(error instanceof ServiceError) || !REPEATED.has(error.code)) throw error
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    }
  }
}

function accountOf(account: string | null): Stripe.RequestOptions {
  return account === null ? {} : { stripeAccount: account }
}

async function translated<T>(
  expected: ExpectedObject,
  account: string | null,
  send: () => Promise<T>,
): Promise<T> {
  const progress: CallProgress = { stage: 'preparing' }
  try {
    // Also what the SDK throws at once is caught here.
    const answer = await withProgress(progress, async () => send())
    assertStripeObject(answer, expected)
    return answer
  } catch (error) {
    throw translateStripeError(error, { account, stage: progress.stage })
  }
}
