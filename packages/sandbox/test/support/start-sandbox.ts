/** Starts a sandbox for one test, with the official SDK pointed at it, and closes it afterwards. */
import Stripe from 'stripe'
import { onTestFinished } from 'vitest'
import { createManualClock, createSandbox, type Sandbox, type SandboxOptions } from '../../src/index.ts'

export const START = Date.UTC(2026, 10, 21, 12)

export interface TestSandbox {
  sandbox: Sandbox
  url: string
  stripe: Stripe
  /** An SDK with another key. */
  client(key: string, config?: Partial<Stripe.StripeConfig>): Stripe
  /** A raw request; the answer's JSON with status and headers. */
  request(method: string, path: string, options?: RawRequest): Promise<RawAnswer>
}

export interface RawRequest {
  body?: string
  headers?: Record<string, string>
  key?: string | null
}

export interface RawAnswer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into arbitrary JSON
  json: any
}

export async function startSandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const sandbox = createSandbox({ clock: createManualClock(START), seed: 'test', ...options })
  const { url } = await sandbox.listen({ port: 0 })
  onTestFinished(() => sandbox.close())
  return connect(sandbox, url)
}

export function connect(sandbox: Sandbox, url: string): TestSandbox {
  const { hostname, port } = new URL(url)
  const client = (key: string, config: Partial<Stripe.StripeConfig> = {}): Stripe =>
    new Stripe(key, {
      host: hostname,
      port,
      protocol: 'http',
      telemetry: false,
      maxNetworkRetries: 0,
      ...config,
    })
  return {
    sandbox,
    url,
    stripe: client('sk_test_sandbox'),
    client,
    async request(method, path, { body, headers, key = 'sk_test_sandbox' } = {}) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(key !== null && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
        ...(body !== undefined && { body }),
      })
      return { status: response.status, headers: response.headers, json: await response.json() }
    },
  }
}

/** The error that the SDK throws; fails the test when it throws none. */
export async function stripeErrorOf(
  call: Promise<unknown>,
): Promise<InstanceType<typeof Stripe.errors.StripeError>> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome && outcome.error instanceof Stripe.errors.StripeError) return outcome.error
  throw new Error(`expected an error of Stripe's, got ${JSON.stringify(outcome)}`)
}

/** Parameters of a payment that is confirmed at once with a card. */
export function cardPayment(
  more: Partial<Stripe.PaymentIntentCreateParams> = {},
): Stripe.PaymentIntentCreateParams {
  return {
    amount: 1999,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_visa',
    allowed_payment_method_types: ['card'],
    ...more,
  }
}
