/** The product against a Stripe of the test's choice, with the port for Stripe's SDKs open. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../../packages/server/src/config.ts'
import { type Log, silentLog } from '../../../packages/server/src/log.ts'
import { startServer } from '../../../packages/server/src/start/start-server.ts'

export const STRIPE_KEY = 'sk_test_ofThePassthroughTests'

export interface Product {
  readonly url: string
  /** Where Stripe's API begins at the root. */
  readonly proxyUrl: string
  readonly appId: string
  readonly clientKey: string
  readonly serverKey: string
  readonly operatorKey: string
  readonly dataDir: string
  stop(): Promise<void>
}

export interface ProductOptions {
  readonly stripeUrl: string
  readonly env?: Readonly<Record<string, string>>
  readonly log?: Log
}

export async function startPassthrough({
  stripeUrl,
  env = {},
  log = silentLog,
}: ProductOptions): Promise<Product> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tollbridge-passthrough-'))
  const config = readConfig({
    PORT: '0',
    STRIPE_PROXY_PORT: '0',
    TOLLBRIDGE_DATA_DIR: dataDir,
    STRIPE_SECRET_KEY: STRIPE_KEY,
    STRIPE_PUBLISHABLE_KEY: 'pk_test_ofThePassthroughTests',
    STRIPE_WEBHOOK_SECRET: 'whsec_ofThePassthroughTests',
    STRIPE_API_BASE: stripeUrl,
    STRIPE_TIMEOUT_SECONDS: '1',
    // What the server asks Stripe by itself would stand between the calls of the tests.
    REPAIR_INTERVAL_SECONDS: '0',
    CURRENCY: 'usd',
    ...env,
  })
  const server = await startServer(config, log)
  const { newServerKey, newOperatorKey, stripeProxyUrl } = server
  if (newServerKey === null || newOperatorKey === null || stripeProxyUrl === null) {
    throw new Error('A first start shows its keys and opens the port')
  }
  return {
    url: server.url,
    proxyUrl: stripeProxyUrl,
    appId: server.appId,
    clientKey: server.clientKey,
    serverKey: newServerKey,
    operatorKey: newOperatorKey,
    dataDir,
    async stop() {
      await server.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** The calls that were written down, the newest first. */
export async function listCalls(
  { url, operatorKey }: Pick<Product, 'url' | 'operatorKey'>,
  query = '',
): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${url}/v1/admin/stripe_calls?limit=100${query}`, {
    headers: { authorization: `Bearer ${operatorKey}` },
  })
  const { data } = (await response.json()) as { data: Record<string, unknown>[] }
  return data
}
