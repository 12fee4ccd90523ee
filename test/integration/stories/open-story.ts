/** The whole product for one story, with what a stranger has: HTTP, the official SDK, signed deliveries, a stream. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Stripe } from 'stripe'
import { type StartOptions, startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import { openSse, type SseReader } from '../realtime/sse-reader.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by tests, field by field.
  readonly body: any
}

export interface Story {
  readonly server: Tollbridge
  readonly stripe: Stripe
  /** With the server key unless another key is given. */
  get(path: string, key?: string): Promise<Answer>
  post(
    path: string,
    body?: unknown,
    options?: { key?: string; headers?: Record<string, string> },
  ): Promise<Answer>
  /** What Stripe would send: an event about a charge, as bytes. */
  eventText(more?: Record<string, unknown>): string
  /** Delivers bytes to the webhook endpoint as Stripe does, signed with the endpoint's secret unless told. */
  deliver(payload: string, options?: DeliverOptions): Promise<Answer>
  /** The signing secret of the local Stripe's endpoint. */
  signingSecret(): string
  token(number?: string): Promise<string>
  succeededCharges(): Promise<Stripe.Charge[]>
  /** A second connection to the product's database. */
  database(): DatabaseSync
  /** Every event from the start of the log, as a server sees them. */
  stream(query?: string): Promise<SseReader>
}

export interface DeliverOptions {
  readonly path?: string
  /** One header, whole; null: none. */
  readonly signature?: string | null
  readonly secret?: string
  readonly timestamp?: number
  readonly contentType?: string
}

const endpoint = (server: Tollbridge) =>
  server.sandbox.ensureWebhookEndpoint({ url: `${server.url}/webhooks/stripe`, enabledEvents: ['*'] })

/** The event of each message of a stream, in order. */
export function eventIdsOf(reader: SseReader): string[] {
  return reader.events().map(({ data }) => {
    const headers = data?.['headers'] as { readonly eventId?: string } | undefined
    return headers?.eventId ?? '?'
  })
}

let made = 0

export async function openStory(options: StartOptions = {}): Promise<Story & { end(): Promise<void> }> {
  const server = await startTollbridge(options)
  const { hostname, port } = new URL(server.sandboxUrl)
  const stripe = new Stripe('sk_test_fromTheTests', {
    host: hostname,
    port,
    protocol: 'http',
    telemetry: false,
  })
  const streams: SseReader[] = []
  const databases: DatabaseSync[] = []

  async function ask(
    method: string,
    path: string,
    body: unknown,
    key: string,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, body: await response.json() }
  }

  return {
    server,
    stripe,
    get: (path, key = server.serverKey) => ask('GET', path, undefined, key),
    post: (path, body = {}, { key = server.serverKey, headers = {} } = {}) =>
      ask('POST', path, body, key, headers),
    eventText(more = {}) {
      made += 1
      const object = {
        id: `ch_story${made}`,
        object: 'charge',
        amount: 1000,
        currency: 'usd',
        status: 'succeeded',
      }
      return JSON.stringify({
        id: `evt_story${made}`,
        object: 'event',
        type: 'charge.succeeded',
        api_version: Stripe.API_VERSION,
        created: Math.floor(Date.now() / 1000),
        livemode: false,
        data: { object },
        ...more,
      })
    },
    async deliver(payload, given = {}) {
      const {
        path = '/webhooks/stripe',
        contentType = 'application/json',
        secret = endpoint(server).secret,
      } = given
      const timestamp = given.timestamp ?? Math.floor(Date.now() / 1000)
      const signature =
        given.signature === undefined
          ? stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp })
          : given.signature
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers: {
          'content-type': contentType,
          ...(signature === null ? {} : { 'stripe-signature': signature }),
        },
        body: payload,
      })
      return { status: response.status, headers: response.headers, body: await response.json() }
    },
    signingSecret: () => endpoint(server).secret,
    async token(number = '4242424242424242') {
      const made = await stripe.tokens.create({
        card: { number, exp_month: '12', exp_year: '2034', cvc: '123' },
      })
      return made.id
    },
    succeededCharges: async () =>
      (await stripe.charges.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })).filter(
        ({ status }) => status === 'succeeded',
      ),
    database() {
      const database = new DatabaseSync(join(server.dataDir, 'tollbridge.db'))
      databases.push(database)
      return database
    },
    async stream(query = '') {
      const reader = await openSse(`${server.url}/v1/stream${query}`, {
        authorization: `Bearer ${server.serverKey}`,
        'last-event-id': '0',
      })
      streams.push(reader)
      return reader
    },
    async end() {
      for (const reader of streams) reader.close()
      for (const database of databases) if (database.isOpen) database.close()
      await server.stop()
    },
  }
}
