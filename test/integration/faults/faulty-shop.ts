/** The product as a process of its own, a sandbox as its Stripe, and a network between them that fails on request. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Stripe from 'stripe'
import { createSandbox, type ManualClock, type Sandbox } from '../../../packages/sandbox/src/index.ts'
import { eventually } from '../../support/eventually.ts'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts'
import {
  freePort,
  type ProductProcess,
  startProduct,
  temporaryFolder,
} from '../../support/product-process.ts'

export interface FaultyShop {
  /** The product, which keeps its address over restarts. */
  readonly url: string
  readonly appId: string
  readonly clientKey: string
  /** As the first start printed it. */
  serverKey(): string
  readonly sandbox: Sandbox
  readonly proxy: FaultProxy
  /** Stripe's side, past the proxy. */
  readonly stripe: Stripe
  /** Starts the product, again after an end; resolves when it answers. */
  start(): Promise<void>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** What the present process has logged. */
  logged(): string
  /** Reads one number from the product's database, past the product. */
  numberOf(sql: string): number
  close(): Promise<void>
}

export interface FaultyShopOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Stripe's time; the product's is the machine's in any case. */
  readonly clock?: ManualClock
}

/** No limit at all: these tests are one address with a thousand cards. */
const NO_LIMIT = '-/- in 10m'

export async function openFaultyShop({ env = {}, clock }: FaultyShopOptions = {}): Promise<FaultyShop> {
  const sandbox = createSandbox(clock === undefined ? {} : { clock })
  const { url: sandboxUrl } = await sandbox.listen({ port: 0 })
  const proxy = await startFaultProxy({ target: sandboxUrl })
  const folder = temporaryFolder()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const { secret } = sandbox.ensureWebhookEndpoint({ url: `${url}/webhooks/stripe`, enabledEvents: ['*'] })
  const appId = 'faulty-shop'
  const clientKey = 'faulty-shop-client-key'
  const settings = {
    PORT: String(port),
    TOLLBRIDGE_DATA_DIR: folder.path,
    STRIPE_SECRET_KEY: 'sk_test_fromTheTests1234',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_fromTheTests1234',
    STRIPE_WEBHOOK_SECRET: secret,
    STRIPE_API_BASE: proxy.url,
    STRIPE_TIMEOUT_SECONDS: '1',
    CURRENCY: 'usd',
    APP_ID: appId,
    CLIENT_KEY: clientKey,
    GUARD_ADDRESS: NO_LIMIT,
    GUARD_CLIENT_KEY: NO_LIMIT,
    GUARD_CARD: NO_LIMIT,
    GUARD_ORDER: NO_LIMIT,
    ...env,
  }
  let product: ProductProcess | null = null
  let serverKey = ''

  return {
    url,
    appId,
    clientKey,
    serverKey: () => serverKey,
    sandbox,
    proxy,
    stripe: clientOf(sandboxUrl),
    async start() {
      const started = startProduct(settings)
      product = started
      const isUp = () =>
        fetch(`${url}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        )
      await Promise.race([
        Promise.all([
          eventually(isUp, { timeoutMs: 30_000, what: 'the product to answer' }),
          started.printed('the next start keeps the data'),
        ]),
        started.exited.then(() => Promise.reject(new Error(`The product ended:\n${started.stderr()}`))),
      ])
      serverKey ||= /tbk_\S+/.exec(started.stdout())?.[0] ?? ''
    },
    async kill() {
      product?.child.kill('SIGKILL')
      await product?.exited
    },
    async stop() {
      product?.child.kill('SIGTERM')
      return (await product?.exited) ?? null
    },
    logged: () => product?.stderr() ?? '',
    numberOf(sql) {
      const database = new DatabaseSync(join(folder.path, 'tollbridge.db'), { readOnly: true })
      try {
        return Number(Object.values(database.prepare(sql).get() ?? {})[0])
      } finally {
        database.close()
      }
    },
    async close() {
      product?.child.kill('SIGKILL')
      await product?.exited
      await proxy.close()
      await sandbox.close()
      folder.remove()
    },
  }
}

function clientOf(base: string): Stripe {
  const { hostname, port } = new URL(base)
  return new Stripe('sk_test_fromTheTests1234', {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    telemetry: false,
  })
}
