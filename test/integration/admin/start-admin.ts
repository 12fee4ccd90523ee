/** The product with its operator, and Stripe accounts beside the local one: each a sandbox behind a proxy. */

import { Stripe } from 'stripe'
import { createSandbox, type Sandbox } from '../../../packages/sandbox/src/index.ts'
import { type StartOptions, startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import { type AdminAnswer, type AdminClient, adminClient } from './admin-client.ts'
import { type StripeProxy, startStripeProxy } from './stripe-proxy.ts'

export interface StripeStandIn {
  readonly sandbox: Sandbox
  /** What the server is told to call. */
  readonly proxy: StripeProxy
  readonly secretKey: string
  readonly publishableKey: string
  /** The official SDK, straight at the account. */
  readonly sdk: Stripe
}

export interface AdminSetup {
  readonly tollbridge: Tollbridge
  readonly operator: AdminClient
  readonly operatorKey: string
  addStripe(name: string): Promise<StripeStandIn>
  /** Everything that an activation needs; `more` adds to it and takes from it. */
  activation(stripe: StripeStandIn, more?: Readonly<Record<string, unknown>>): Record<string, unknown>
  activate(stripe: StripeStandIn, more?: Readonly<Record<string, unknown>>): Promise<AdminAnswer>
  stop(): Promise<void>
}

export async function startAdmin(options: StartOptions = {}): Promise<AdminSetup> {
  // As an operator who has decided, so that the doctor is content.
  const env = { ORDER_IDS_ARE_SECRET: 'false', ...options.env }
  const tollbridge = await startTollbridge({ ...options, env })
  const { operatorKey } = tollbridge
  if (operatorKey === null) throw new Error('The operator key of this folder was shown at an earlier start')
  const operator = adminClient(tollbridge.url, operatorKey)
  const accounts: StripeStandIn[] = []

  const activation: AdminSetup['activation'] = (stripe, more = {}) => ({
    secret_key: stripe.secretKey,
    publishable_key: stripe.publishableKey,
    public_url: tollbridge.url,
    currency: 'usd',
    api_base: stripe.proxy.url,
    ...more,
  })

  return {
    tollbridge,
    operator,
    operatorKey,
    async addStripe(name) {
      const sandbox = createSandbox()
      const { url } = await sandbox.listen({ port: 0 })
      const proxy = await startStripeProxy(url)
      const { hostname, port } = new URL(url)
      const secretKey = `sk_test_${name}Secret12345`
      const sdk = new Stripe(secretKey, { host: hostname, port: Number(port), protocol: 'http' })
      const account = { sandbox, proxy, secretKey, publishableKey: `pk_test_${name}Public12345`, sdk }
      accounts.push(account)
      return account
    },
    activation,
    activate: (stripe, more) => operator('POST', '/v1/admin/activate', activation(stripe, more)),
    async stop() {
      await tollbridge.stop()
      for (const { proxy, sandbox } of accounts) {
        await proxy.close()
        await sandbox.close()
      }
    },
  }
}
