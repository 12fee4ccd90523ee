/** The whole product with its local Stripe, and clients that speak to both from outside. */
import { Stripe } from 'stripe'
import { type StartOptions, startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by tests, field by field.
  readonly body: any
}

export interface AskOptions {
  /** `client` is the page of one payer, as the browser SDK is; `stranger` has its client key and nothing else. */
  readonly as?: 'client' | 'stranger' | 'server' | 'operator' | 'nobody'
  readonly headers?: Readonly<Record<string, string>>
}

export interface PaymentsUnderTest {
  readonly server: Tollbridge
  /** The official SDK at the local Stripe: what Stripe itself says. */
  readonly stripe: Stripe
  get(path: string, options?: AskOptions): Promise<Answer>
  post(path: string, body?: unknown, options?: AskOptions): Promise<Answer>
  delete(path: string, options?: AskOptions): Promise<Answer>
  /** A single-use token, as Stripe.js makes it from a card. */
  token(number?: string): Promise<string>
  /** Every charge that was ever tried at the local Stripe. */
  charges(): Promise<Stripe.Charge[]>
  succeeded(): Promise<number>
}

/** What the page of the one payer keeps. */
export const PAYER_KEY = 'payer-key-of-the-page'

export async function startPayments(options: StartOptions = {}): Promise<PaymentsUnderTest> {
  const server = await startTollbridge(options)
  const { hostname, port } = new URL(server.sandboxUrl)
  const stripe = new Stripe('sk_test_fromTheTests', {
    host: hostname,
    port,
    protocol: 'http',
    telemetry: false,
  })
  const keyOf = {
    client: server.clientKey,
    stranger: server.clientKey,
    server: server.serverKey,
    operator: server.operatorKey,
  }

  async function ask(method: string, path: string, body: unknown, options: AskOptions = {}): Promise<Answer> {
    const { as = 'server', headers = {} } = options
    const response = await fetch(server.url + path, {
      method,
      headers: {
        ...(as === 'nobody' ? {} : { authorization: `Bearer ${keyOf[as]}` }),
        ...(as === 'client' ? { 'Tollbridge-Payer-Key': PAYER_KEY } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, body: await response.json() }
  }

  const charges = () => stripe.charges.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })

  return {
    server,
    stripe,
    get: (path, options) => ask('GET', path, undefined, options),
    post: (path, body = {}, options = {}) => ask('POST', path, body, options),
    delete: (path, options) => ask('DELETE', path, undefined, options),
    async token(number = '4242424242424242') {
      const { id } = await stripe.tokens.create({
        card: { number, exp_month: '12', exp_year: '2034', cvc: '123' },
      })
      return id
    },
    charges,
    succeeded: async () => (await charges()).filter(({ status }) => status === 'succeeded').length,
  }
}
