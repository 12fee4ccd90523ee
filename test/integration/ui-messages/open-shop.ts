/** A shop with the whole product: its server sends messages, its pages answer them, all from outside. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stripe } from 'stripe'
import { createSandbox } from '../../../packages/sandbox/src/index.ts'
import { readConfig } from '../../../packages/server/src/config.ts'
import { type Log, silentLog } from '../../../packages/server/src/log.ts'
import { startServer } from '../../../packages/server/src/start/start-server.ts'
import { eventually } from '../../support/eventually.ts'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts'
import { openSse, type SseReader } from '../realtime/sse-reader.ts'

export const ORIGIN = 'https://shop.example'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by tests, field by field
  readonly body: any
}

/** A stream of named events, with what came so far. */
export interface EventReader {
  readonly reader: SseReader
  // biome-ignore lint/suspicious/noExplicitAny: as above
  of(event: string): any[]
  /** The `n`th event of that name, from 1. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  next(event: string, n?: number): Promise<any>
  lastId(): string | undefined
  close(): void
}

export interface Tab {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  stream(): Promise<EventReader>
  claim(id: string): Promise<Answer>
  answer(id: string, callback: string, data?: unknown): Promise<Answer>
}

export interface Shop {
  readonly url: string
  readonly appId: string
  readonly clientKey: string
  readonly serverKey: string
  /** The network between the product and Stripe. */
  readonly proxy: FaultProxy
  /** Stripe itself. */
  readonly stripe: Stripe
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** A token of `user`. */
  session(user: string, more?: object): Promise<string>
  tab(
    user: string,
    options?: { readonly token?: string; readonly id?: string; readonly origin?: string },
  ): Promise<Tab>
  /** Sends collectPaymentInformation; about a fresh SetupIntent unless `data` names one. */
  send(message?: object, headers?: Readonly<Record<string, string>>): Promise<Answer>
  jobs(
    query?: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<EventReader>
  ack(id: string, body?: object): Promise<Answer>
  message(id: string): Promise<Answer['body']>
  setupIntent(): Promise<Stripe.SetupIntent>
  /** Has the card checked at Stripe, as the page does. */
  confirmSetup(intent: { readonly id: string }): Promise<Stripe.SetupIntent>
  /** Delivers an event as Stripe does. */
  event(type: string, object: object): Promise<void>
  /** Ends the product; the same data is served by the next start, at another address. */
  restart(): Promise<Shop>
  stop(): Promise<void>
}

export interface ShopOptions {
  readonly log?: Log
}

export async function openShop({ log = silentLog }: ShopOptions = {}): Promise<Shop> {
  const sandbox = createSandbox()
  const { url: stripeUrl } = await sandbox.listen({ port: 0 })
  const proxy = await startFaultProxy({ target: stripeUrl })
  const folder = mkdtempSync(join(tmpdir(), 'tollbridge-ui-'))
  const { hostname, port } = new URL(stripeUrl)
  const stripe = new Stripe('sk_test_ofTheUiTests', {
    host: hostname,
    port,
    protocol: 'http',
    telemetry: false,
  })
  const close = async () => {
    await proxy.close()
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return startShop({ folder, proxy, stripe, log, close }, null)
}

interface Ground {
  readonly folder: string
  readonly proxy: FaultProxy
  readonly stripe: Stripe
  readonly log: Log
  close(): Promise<void>
}

let tabs = 0
let events = 0

async function startShop(ground: Ground, knownKey: string | null): Promise<Shop> {
  const { folder, proxy, stripe, log } = ground
  const config = readConfig({
    PORT: '0',
    TOLLBRIDGE_DATA_DIR: folder,
    APP_ID: 'ui-shop',
    STRIPE_SECRET_KEY: 'sk_test_ofTheUiTests',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_ofTheUiTests',
    STRIPE_WEBHOOK_SECRET: 'whsec_ofTheUiTests',
    STRIPE_API_BASE: proxy.url,
    STRIPE_TIMEOUT_SECONDS: '1',
    REPAIR_INTERVAL_SECONDS: '0',
    CURRENCY: 'usd',
  })
  const server = await startServer(config, log)
  const serverKey = server.newServerKey ?? knownKey ?? ''
  const { url, appId, clientKey } = server

  async function ask(method: string, path: string, body: unknown, headers: object = {}): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.json() }
  }
  const withKey = { authorization: `Bearer ${serverKey}` }

  const shop: Shop = {
    url,
    appId,
    clientKey,
    serverKey,
    proxy,
    stripe,
    post: (path, body = {}, headers = {}) => ask('POST', path, body, { ...withKey, ...headers }),
    get: (path, headers = {}) => ask('GET', path, undefined, { ...withKey, ...headers }),
    async session(user, more = {}) {
      const { body } = await shop.post('/v1/ui/sessions', { user, origin: ORIGIN, ...more })
      return body.token
    },
    async tab(user, options = {}) {
      const id = options.id ?? `tab_0123456789abcdef_${++tabs}`
      const token = options.token ?? (await shop.session(user))
      const { origin = ORIGIN } = options
      const headers = { 'tollbridge-ui-session': token, 'tollbridge-tab': id, origin }
      return {
        id,
        headers,
        stream: () => readEvents(`${url}/v1/ui/stream`, headers),
        claim: (message) => ask('POST', `/v1/ui/messages/${message}/claim`, {}, headers),
        answer: (message, callback, data = {}) =>
          ask('POST', '/v1/ui/callbacks', { id: message, callback, data }, headers),
      }
    },
    async send(message = {}, headers = {}) {
      const given = message as { data?: object }
      const dataSecret = given.data === undefined ? await shop.setupIntent() : undefined
      const whole = {
        scope: 'plugin:stripe',
        name: 'collectPaymentInformation',
        data: { title: 'Card', dataSecret },
        callbacks: { onSuccess: 'saved', onFail: 'failed' },
        target: 'users',
        targetUsers: ['anna'],
        ...message,
      }
      return shop.post('/v1/ui/messages', whole, headers)
    },
    jobs: (query = { handlers: 'saved,failed' }, headers = {}) =>
      readEvents(`${url}/v1/ui/callbacks/stream?${new URLSearchParams(query)}`, { ...withKey, ...headers }),
    ack: (id, body = { outcome: 'done' }) => shop.post(`/v1/ui/callbacks/${id}/ack`, body),
    message: async (id) => (await shop.get(`/v1/ui/messages/${id}`)).body,
    setupIntent: () => stripe.setupIntents.create({ allowed_payment_method_types: ['card'] }),
    confirmSetup: ({ id }) => stripe.setupIntents.confirm(id, { payment_method: 'pm_card_visa' }),
    async event(type, object) {
      const id = `evt_ui_${++events}`
      const created = Math.floor(Date.now() / 1000)
      const payload = JSON.stringify({
        id,
        object: 'event',
        type,
        created,
        livemode: false,
        data: { object },
      })
      const secret = 'whsec_ofTheUiTests'
      const signature = stripe.webhooks.generateTestHeaderString({ payload, secret })
      const { status } = await fetch(`${url}/webhooks/stripe`, {
        method: 'POST',
        body: payload,
        headers: { 'stripe-signature': signature },
      })
      if (status !== 200) throw new Error(`The event was answered ${status}`)
    },
    async restart() {
      await server.stop()
      return startShop(ground, serverKey)
    },
    async stop() {
      await server.stop()
      await ground.close()
    },
  }
  return shop
}

async function readEvents(address: string, headers: Readonly<Record<string, string>>): Promise<EventReader> {
  const reader = await openSse(address, headers)
  const of = (event: string) => reader.blocks.filter((it) => it.event === event).map(({ data }) => data)
  return {
    reader,
    of,
    next: (event, n = 1) => eventually(() => of(event)[n - 1] ?? null, { what: `event ${n} ${event}` }),
    lastId: () => reader.blocks.findLast(({ id }) => id !== undefined)?.id,
    close: () => reader.close(),
  }
}
