/** The gateway over the official SDK. Real Stripe and the sandbox differ by the base address alone. */
import { Stripe } from 'stripe'
import { ServiceError } from '../errors.ts'
import { apiAddress } from './api-address.ts'
import { assertStripeObject } from './assert-stripe-object.ts'
import { sendOnce } from './send-once.ts'
import { type StripeWires, trustedWires } from './stripe-connections.ts'
import type { CallOptions, ReadOptions, StripeGateway } from './stripe-gateway.ts'
import { createStripeHttpClient } from './stripe-http-client.ts'
import { translateStripeError } from './translate-stripe-error.ts'

export interface LiveGatewayOptions {
  readonly secretKey: string
  /** An origin such as `http://127.0.0.1:4243`; null: Stripe's own. */
  readonly apiBase: string | null
  /** From the first step of a call to the last byte of its answer. */
  readonly timeoutMs: number
  /** Absent: connections of its own. */
  readonly wires?: StripeWires
}

/** The SDK repeats reads after lost connections, 409 and 5xx. */
const READ_RETRIES = 2

export function createLiveGateway(options: LiveGatewayOptions): StripeGateway {
  const stripe = new Stripe(options.secretKey, {
    ...apiAddress(options.apiBase),
    timeout: options.timeoutMs,
    httpClient: sendOnce(createStripeHttpClient(options.wires ?? trustedWires())),
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
  return {
    createPaymentIntent: (params, on) => call(on, (how) => paymentIntents.create(params, how)),
    confirmPaymentIntent: (id, params, on) => call(on, (how) => paymentIntents.confirm(id, params, how)),
    updatePaymentIntent: (id, params, on) => call(on, (how) => paymentIntents.update(id, params, how)),
    capturePaymentIntent: (id, params, on) => call(on, (how) => paymentIntents.capture(id, params, how)),
    cancelPaymentIntent: (id, params, on) => call(on, (how) => paymentIntents.cancel(id, params, how)),
    retrievePaymentIntent: (id, params = {}, on = {}) =>
      read(on, (how) => paymentIntents.retrieve(id, params, how)),
    listPaymentIntents: (params, on = {}) => read(on, (how) => paymentIntents.list(params, how)),
    createRefund: (params, on) => call(on, (how) => refunds.create(params, how)),
    listRefunds: (params, on = {}) => read(on, (how) => refunds.list(params, how)),
    retrieveCharge: (id, on = {}) => read(on, (how) => charges.retrieve(id, {}, how)),
    listDisputes: (params, on = {}) => read(on, (how) => disputes.list(params, how)),
    listEvents: (params, on = {}) => read(on, (how) => events.list(params, how)),
    createSetupIntent: (params, on) => call(on, (how) => setupIntents.create(params, how)),
    confirmSetupIntent: (id, params, on) => call(on, (how) => setupIntents.confirm(id, params, how)),
    cancelSetupIntent: (id, params, on) => call(on, (how) => setupIntents.cancel(id, params, how)),
    retrieveSetupIntent: (id, params = {}, on = {}) =>
      read(on, (how) => setupIntents.retrieve(id, params, how)),
    listCards: (customer, params, on = {}) =>
      read(on, (how) => customers.listPaymentMethods(customer, { ...params, type: 'card' }, how)),
    retrievePaymentMethod: (id, on = {}) => read(on, (how) => paymentMethods.retrieve(id, {}, how)),
    retrieveToken: (id, on = {}) => read(on, (how) => tokens.retrieve(id, {}, how)),
    detachPaymentMethod: (id, on) => call(on, (how) => paymentMethods.detach(id, {}, how)),
  }
}

/** Sent once: who calls decides about repeats, as a failure of a repeat says nothing about the first try. */
function call<T>(
  { idempotencyKey, account = null }: CallOptions,
  send: (how: Stripe.RequestOptions) => Promise<T>,
): Promise<T> {
  return translated(account, () => send({ idempotencyKey, maxNetworkRetries: 0, ...accountOf(account) }))
}

type Read = <T>(on: ReadOptions, send: (how: Stripe.RequestOptions) => Promise<T>) => Promise<T>

/** The SDK's repeats, and its pauses before them, share the time of one call. */
function reading(timeoutMs: number): Read {
  return ({ account = null }, send) =>
    translated(account, () =>
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

async function translated<T>(account: string | null, send: () => Promise<T>): Promise<T> {
  try {
    const answer = await send()
    assertStripeObject(answer)
    return answer
  } catch (error) {
    throw translateStripeError(error, account)
  }
}
