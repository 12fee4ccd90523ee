/** The gateway over the official SDK. Real Stripe and the sandbox differ by the base address alone. */
import { Stripe } from 'stripe'
import { ServiceError } from '../errors.ts'
import { apiAddress } from './api-address.ts'
import { assertStripeObject } from './assert-stripe-object.ts'
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

/** The SDK repeats reads after lost connections, 409 and 5xx. */
const READ_RETRIES = 2

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
      return fresh(await call('payment_intent', on, (how) => paymentIntents.create(params, how)), params, on)
    },
    async confirmPaymentIntent(id, params, on) {
      return fresh(
        await call('payment_intent', on, (how) => paymentIntents.confirm(id, params, how)),
        params,
        on,
      )
    },
    updatePaymentIntent: (id, params, on) =>
      call('payment_intent', on, (how) => paymentIntents.update(id, params, how)),
    capturePaymentIntent: (id, params, on) =>
      call('payment_intent', on, (how) => paymentIntents.capture(id, params, how)),
    cancelPaymentIntent: (id, params, on) =>
      call('payment_intent', on, (how) => paymentIntents.cancel(id, params, how)),
    retrievePaymentIntent: (id, params = {}, on = {}) =>
      read('payment_intent', on, (how) => paymentIntents.retrieve(id, params, how)),
    listPaymentIntents: (params, on = {}) => read('list', on, (how) => paymentIntents.list(params, how)),
    createRefund: (params, on) => call('refund', on, (how) => refunds.create(params, how)),
    listRefunds: (params, on = {}) => read('list', on, (how) => refunds.list(params, how)),
    retrieveCharge: (id, on = {}) => read('charge', on, (how) => charges.retrieve(id, {}, how)),
    listDisputes: (params, on = {}) => read('list', on, (how) => disputes.list(params, how)),
    listEvents: (params, on = {}) => read('list', on, (how) => events.list(params, how)),
    createSetupIntent: (params, on) => call('setup_intent', on, (how) => setupIntents.create(params, how)),
    confirmSetupIntent: (id, params, on) =>
      call('setup_intent', on, (how) => setupIntents.confirm(id, params, how)),
    cancelSetupIntent: (id, params, on) =>
      call('setup_intent', on, (how) => setupIntents.cancel(id, params, how)),
    retrieveSetupIntent: (id, params = {}, on = {}) =>
      read('setup_intent', on, (how) => setupIntents.retrieve(id, params, how)),
    listCards: (customer, params, on = {}) =>
      read('list', on, (how) => customers.listPaymentMethods(customer, { ...params, type: 'card' }, how)),
    retrievePaymentMethod: (id, on = {}) =>
      read('payment_method', on, (how) => paymentMethods.retrieve(id, {}, how)),
    retrieveToken: (id, on = {}) => read('token', on, (how) => tokens.retrieve(id, {}, how)),
    detachPaymentMethod: (id, on) => call('payment_method', on, (how) => paymentMethods.detach(id, {}, how)),
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
  expected: string,
  { idempotencyKey, account = null }: CallOptions,
  send: (how: Stripe.RequestOptions) => Promise<T>,
): Promise<T> {
  const how = { idempotencyKey, maxNetworkRetries: 0, ...accountOf(account) }
  return translated(expected, account, () => send(how))
}

type Read = <T>(
  expected: string,
  on: ReadOptions,
  send: (how: Stripe.RequestOptions) => Promise<T>,
) => Promise<T>

/** The SDK's repeats, and its pauses before them, share the time of one call. */
function reading(timeoutMs: number): Read {
  return (expected, { account = null }, send) =>
    translated(expected, account, () =>
      withinTime(timeoutMs, send({ maxNetworkRetries: READ_RETRIES, ...accountOf(account) })),
    )
}

function withinTime<T>(ms: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new ServiceError('stripe_timeout', {
          message: 'Stripe did not answer in time; repeating the same request is safe.',
        }),
      )
    }, ms)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function accountOf(account: string | null): Stripe.RequestOptions {
  return account === null ? {} : { stripeAccount: account }
}

async function translated<T>(expected: string, account: string | null, send: () => Promise<T>): Promise<T> {
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
