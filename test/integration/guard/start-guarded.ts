/** The product with the limits of the public, and hands to count what reached Stripe. */
import { Stripe } from 'stripe'
import { type Answer, charge } from '../../support/api-client.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

export interface Guarded extends Tollbridge {
  /** Charges that the card networks saw, failed ones among them. */
  chargesAtStripe(): Promise<number>
  /** A single-use token of a card. */
  freshToken(number?: string): Promise<string>
  /** A payer's try, as a proxy passes it on. */
  tryFrom(
    address: string,
    body?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
}

/** Card numbers that the sandbox declines, as a tester of stolen cards has them. */
export const DECLINED_CARD = '4000000000000002'

export async function startGuarded(
  env: Readonly<Record<string, string>> = {},
  dataDir?: string,
): Promise<Guarded> {
  const server = await startTollbridge({
    env: { GUARD: 'strict', TRUST_PROXY: '1', ...env },
    ...(dataDir === undefined ? {} : { dataDir }),
  })
  const { hostname, port } = new URL(server.sandboxUrl)
  const stripe = new Stripe('sk_test_fromTheTests', {
    host: hostname,
    port,
    protocol: 'http',
    telemetry: false,
  })
  return {
    ...server,
    async chargesAtStripe() {
      let count = 0
      for await (const _charge of stripe.charges.list({ limit: 100 })) count++
      return count
    },
    async freshToken(number = '4242424242424242') {
      const card = { number, exp_month: '12', exp_year: '2034', cvc: '123' }
      return (await stripe.tokens.create({ card })).id
    },
    tryFrom: (address, body = {}, headers = {}) =>
      charge(
        server,
        { token: 'tok_chargeDeclined', amount: 100, ...body },
        { headers: { 'x-forwarded-for': address, ...headers } },
      ),
  }
}

/** The n-th address of a botnet. */
export function botAddress(n: number): string {
  return `198.51.${Math.floor(n / 250)}.${(n % 250) + 1}`
}
