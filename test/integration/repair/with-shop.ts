/** A running product with gap repair as its settings say, its local Stripe, and shorthands to look at both. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stripe } from 'stripe'
import { afterEach, beforeEach } from 'vitest'
import { createLog } from '../../../packages/server/src/log.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import { openSse, type SseReader } from '../realtime/sse-reader.ts'

export type Row = Readonly<Record<string, unknown>>
export type Settings = Readonly<Record<string, string>>

/** Far beyond what one test sends. */
export const ALL = 1_000
/** Repair runs at start, and then no more. */
export const ONCE: Settings = { REPAIR_INTERVAL_SECONDS: '86400' }
export const OFF: Settings = { REPAIR_INTERVAL_SECONDS: '0' }

/** For the tests of the file that calls this: each gets a data folder of its own, and is cleaned up after. */
export function withShop() {
  let dataDir: string
  let server: Tollbridge
  let stripe: Stripe
  let logged: Record<string, unknown>[]
  const streams: SseReader[] = []

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'tollbridge-repair-'))
    logged = []
  })

  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.close()
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  async function start(env: Settings = {}): Promise<void> {
    const log = createLog('info', {
      write: (line: string) => logged.push(JSON.parse(line)),
    } as unknown as NodeJS.WritableStream)
    server = await startTollbridge({ dataDir, env, log })
    const { hostname, port } = new URL(server.sandboxUrl)
    stripe = new Stripe('sk_test_repair', { host: hostname, port, protocol: 'http', telemetry: false })
  }

  async function get(path: string): Promise<Row> {
    const response = await fetch(server.url + path, {
      headers: { authorization: `Bearer ${server.serverKey}` },
    })
    return (await response.json()) as Row
  }

  async function rows(path: string): Promise<readonly Row[]> {
    return (await get(path))['data'] as readonly Row[]
  }

  async function storedEventIds(): Promise<string[]> {
    return (await rows('/v1/events?limit=100')).map((row) => String(row['eventId'])).sort()
  }

  return {
    get server() {
      return server
    },
    get stripe() {
      return stripe
    },
    /** Every line of the log, over restarts. */
    get logged() {
      return logged
    },
    start,
    async restart(env: Settings = {}): Promise<void> {
      await server.stop()
      await start(env)
    },
    get,
    rows,
    storedEventIds,
    /** Whether the log holds the very events that Stripe lists. */
    async allStored(): Promise<boolean> {
      const listed = (await stripe.events.list({ limit: 100 })).data.map(({ id }) => id).sort()
      return listed.length > 0 && JSON.stringify(listed) === JSON.stringify(await storedEventIds())
    },
    /** How many events were handled. */
    async count(): Promise<number> {
      const tallies = await rows('/v1/events/tallies?from=2020-01-01&to=2099-01-01')
      return tallies.reduce((sum, row) => sum + Number(row['count']), 0)
    },
    /** What is owed, which is where a paid order shows. */
    owed: () => rows('/v1/payments/unfulfilled'),
    /** A payment behind the back of the product. */
    payOrder: (card = 'pm_card_visa', more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
      stripe.paymentIntents.create({
        amount: 1999,
        currency: 'usd',
        confirm: true,
        payment_method: card,
        allowed_payment_method_types: ['card'],
        metadata: { order_id: 'order-1' },
        ...more,
      }),
    /** A charge through the product. */
    async charge(body: Row): Promise<Row> {
      const response = await fetch(
        `${server.url}/${server.appId}/${server.clientKey}/services/Stripe/charge`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        },
      )
      return (await response.json()) as Row
    },
    async fulfil(id: string, key = server.serverKey): Promise<Row> {
      const response = await fetch(`${server.url}/v1/payments/${id}/fulfill`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
      })
      return { http: response.status, ...((await response.json()) as Row) }
    },
    async listen(query: string, headers: Record<string, string> = {}): Promise<SseReader> {
      const stream = await openSse(`${server.url}/v1/stream?channel=stripe&${query}`, {
        authorization: `Bearer ${server.serverKey}`,
        ...headers,
      })
      streams.push(stream)
      return stream
    },
  }
}

export function types(stream: SseReader): (string | undefined)[] {
  return stream.events().map(({ data }) => (data?.['headers'] as { type?: string } | undefined)?.type)
}
