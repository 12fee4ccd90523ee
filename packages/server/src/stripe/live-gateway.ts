/** The gateway over the official SDK. Real Stripe and the sandbox differ by the base address alone. */
import { Stripe } from 'stripe'
import type { StripeGateway } from './stripe-gateway.ts'
import { translateStripeError } from './translate-stripe-error.ts'

export interface LiveGatewayOptions {
  readonly secretKey: string
  /** An origin such as `http://127.0.0.1:4243`; null: Stripe's own. */
  readonly apiBase: string | null
  readonly timeoutMs: number
}

export function createLiveGateway(options: LiveGatewayOptions): StripeGateway {
  const stripe = new Stripe(options.secretKey, {
    ...(options.apiBase === null ? {} : addressOf(options.apiBase)),
    timeout: options.timeoutMs,
    // The SDK repeats with the same idempotency key after lost connections, 409 and 5xx.
    maxNetworkRetries: 2,
    telemetry: false,
    appInfo: { name: 'Tollbridge' },
  })
  return {
    createPaymentIntent: (params, { idempotencyKey }) =>
      translated(stripe.paymentIntents.create(params, { idempotencyKey })),
    confirmPaymentIntent: (id, params, { idempotencyKey }) =>
      translated(stripe.paymentIntents.confirm(id, params, { idempotencyKey })),
    retrievePaymentIntent: (id, params = {}) => translated(stripe.paymentIntents.retrieve(id, params)),
  }
}

async function translated<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw translateStripeError(error)
  }
}

function addressOf(apiBase: string): { host: string; port: number; protocol: 'http' | 'https' } {
  const url = new URL(apiBase)
  const protocol = url.protocol === 'http:' ? 'http' : 'https'
  return { host: url.hostname, port: Number(url.port || (protocol === 'http' ? 80 : 443)), protocol }
}
