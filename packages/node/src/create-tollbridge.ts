/** Wires the client of the app's own server. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { createCallGate } from './call-gate.ts'
import { type Customers, createCustomers } from './customers.ts'
import { createEvents, type Events } from './events.ts'
import { createPageConfigLoader, type PageConfig } from './page-config.ts'
import { createPayments, type Payments } from './payments.ts'
import { createQuotes, type Quotes } from './quotes.ts'
import { parseServerAddress } from './server-address.ts'
import { createServerApi } from './server-api.ts'
import { type Cards, createCards, createSetupIntents, type SetupIntents } from './setup-intents.ts'
import { createSlingr, type Slingr, type SlingrOptions } from './slingr.ts'
import { createConfiguration } from './stripe/configuration.ts'
import { createStripe, PASSTHROUGH, type StripeDoor } from './stripe/create-stripe.ts'
import { createUi, type ServerUi, type UiErrorPlace } from './ui/create-ui.ts'
import { createV1Client } from './v1-client.ts'

export interface TollbridgeOptions {
  /** The address of the Tollbridge server, such as `https://pay.example.com`. */
  readonly url: string | URL
  /** `tbk_…`; it stays on this server. */
  readonly serverKey: string
  /** Node's own unless given. */
  readonly fetch?: typeof fetch
  /** After network errors, 429, 5xx and locks: 6 unless named; 0 switches it off. */
  readonly maxRetries?: number
  /** Calls of `stripe.…` under way at once; the others wait. 25 unless named, which is what Stripe takes in test mode. */
  readonly maxConcurrentCalls?: number
  /** Hears what nobody awaits: callbacks that threw, streams that broke, messages that reach nobody. Logs unless given. */
  readonly onError?: (error: unknown, place: UiErrorPlace) => void
  /** `_name` of `stripe`: `stripe` unless named. */
  readonly name?: string
}

export interface Tollbridge {
  /** Loads what the server says of the app, once; then `stripe._configuration.publishableKey` can be read. */
  ready(): Promise<PageConfig>
  /** Stripe's whole API: `stripe.customers.post({email})`, `stripe.customers.get('cus_1')`. */
  readonly stripe: StripeDoor
  readonly ui: ServerUi
  readonly quotes: Quotes
  readonly payments: Payments
  readonly setupIntents: SetupIntents
  readonly cards: Cards
  readonly customers: Customers
  readonly events: Events
  /** `sys` and `app` for scripts that were written for Slingr. */
  slingr(options?: SlingrOptions): Slingr
  /** Ends the stream of callbacks, and waits for those that run. */
  close(): Promise<void>
}

/** Calls nothing until it is used. @throws TypeError for options that cannot be used; no message holds the key */
export function createTollbridge(options: TollbridgeOptions): Tollbridge {
  const { serverKey, name = 'stripe', onError = logError } = options
  const address = parseServerAddress(options.url)
  // Anything else would become a header that HTTP refuses, with the key in the message.
  if (typeof serverKey !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(serverKey))
    throw new TypeError('serverKey must be the server key that Tollbridge printed, tbk_…, without blanks.')
  const maxRetries = wholeNumber('maxRetries', options.maxRetries ?? 6, 0)
  const maxConcurrentCalls = wholeNumber('maxConcurrentCalls', options.maxConcurrentCalls ?? 25, 1)

  const sleep = (ms: number, signal?: AbortSignal) => sleepFor(ms, undefined, signal && { signal })
  const shared = {
    address,
    serverKey,
    fetch: options.fetch ?? fetch,
    maxRetries,
    sleep,
    now: Date.now,
    random: Math.random,
    newId: randomUUID,
  }
  const api = createServerApi(shared)
  const stripeApi = createServerApi({ ...shared, gate: createCallGate(maxConcurrentCalls) })
  const config = createPageConfigLoader(api)
  const client = createV1Client(api)
  const configuration = createConfiguration({
    base: address.base,
    passthrough: PASSTHROUGH,
    maxRetries,
    maxConcurrentCalls,
    loaded: config.loaded,
  })
  const stripe = createStripe({
    api: stripeApi,
    configuration,
    name,
    loadConfiguration: () => config.load().catch(() => null),
  })
  const instance = randomUUID()
  const ui = createUi({ api, instance, onError, sleep, now: Date.now, random: Math.random })

  return {
    ready: config.load,
    stripe,
    ui,
    quotes: createQuotes(client),
    payments: createPayments(client),
    setupIntents: createSetupIntents(client),
    cards: createCards(client),
    customers: createCustomers(client),
    events: createEvents({ client, api, sleep, random: Math.random }),
    slingr: (slingrOptions) =>
      createSlingr({ stripe, ui, onError: (error) => onError(error, 'message') }, slingrOptions),
    close: ui.close,
  }
}

function wholeNumber(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new TypeError(`${name} must be a whole number of at least ${least}.`)
}

function logError(error: unknown, place: UiErrorPlace): void {
  console.error(`[tollbridge] ${place}:`, error)
}
