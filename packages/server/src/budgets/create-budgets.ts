/** What clients may hold open and ask for, with the words for whoever asks for more. */
import type { Config } from '../config.ts'
import { ServiceError } from '../errors.ts'
import type { Holder, Scope } from './holder.ts'
import { createOpenBudget } from './open-budget.ts'
import { createPace } from './pace.ts'

export type Release = () => void

export interface Budgets {
  /** An open stream, of whatever kind. Throws `too_many_streams`. */
  openStream(holder: Holder): Release
  /** A connection that may become a stream, before anybody knows whose. Throws `too_many_streams`. */
  connect(address: string): Release
  /** Throws where `connect` would; takes no place. */
  assertMayConnect(address: string): void
  /** A subscription with a selector or options of so many characters. Throws `too_many_subscriptions`. */
  subscribe(holder: Holder, characters: number): Release
  /** One reading by a client, which may be a guess. Throws `too_many_requests`. */
  read(holder: Holder): void
  /** Holders of whom something is known. */
  readonly size: number
}

export type BudgetSettings = Pick<
  Config,
  | 'MAX_STREAMS_PER_ADDRESS'
  | 'MAX_STREAMS_PER_KEY'
  | 'MAX_STREAMS_PER_APP'
  | 'MAX_SUBSCRIPTION_MEGABYTES_PER_ADDRESS'
  | 'MAX_SUBSCRIPTION_MEGABYTES_PER_KEY'
  | 'MAX_SUBSCRIPTION_MEGABYTES_PER_APP'
  | 'CLIENT_READS_PER_ADDRESS'
  | 'CLIENT_READS_PER_KEY'
  | 'CLIENT_READS_PER_APP'
>

/** What a subscription takes beside its text, and what a character takes once it is parsed: both measured, rounded up. */
const BASE_BYTES = 1_024
const BYTES_A_CHARACTER = 16
const MEGABYTE = 1024 * 1024
const RETRY_SECONDS = 10

export function createBudgets(settings: BudgetSettings, now: () => number): Budgets {
  const streams = createOpenBudget({
    address: settings.MAX_STREAMS_PER_ADDRESS,
    key: settings.MAX_STREAMS_PER_KEY,
    app: settings.MAX_STREAMS_PER_APP,
  })
  // Who is only a little over the limit is told so in the words of Socket.IO, for which the connection must stand.
  const sockets = createOpenBudget({ address: 2 * settings.MAX_STREAMS_PER_ADDRESS, key: null, app: null })
  const subscriptions = createOpenBudget({
    address: settings.MAX_SUBSCRIPTION_MEGABYTES_PER_ADDRESS * MEGABYTE,
    key: settings.MAX_SUBSCRIPTION_MEGABYTES_PER_KEY * MEGABYTE,
    app: settings.MAX_SUBSCRIPTION_MEGABYTES_PER_APP * MEGABYTE,
  })
  const reads = createPace({
    limits: {
      address: settings.CLIENT_READS_PER_ADDRESS,
      key: settings.CLIENT_READS_PER_KEY,
      app: settings.CLIENT_READS_PER_APP,
    },
    now,
  })
  return {
    openStream(holder) {
      const place = streams.take(holder)
      if (typeof place === 'string') throw tooManyStreams(place)
      return place
    },
    connect(address) {
      const place = sockets.take({ address, key: null, appId: null })
      if (typeof place === 'string') throw tooManyStreams(place)
      return place
    },
    assertMayConnect(address) {
      const scope = sockets.fullFor({ address, key: null, appId: null })
      if (scope !== null) throw tooManyStreams(scope)
    },
    subscribe(holder, characters) {
      const place = subscriptions.take(holder, BASE_BYTES + BYTES_A_CHARACTER * characters)
      if (typeof place === 'string') throw tooManySubscriptions(place)
      return place
    },
    read(holder) {
      const wait = reads.take(holder)
      if (wait !== null) throw tooManyReads(wait.scope, wait.waitMs)
    },
    get size() {
      return streams.size + sockets.size + subscriptions.size + reads.size
    },
  }
}

const WHOSE: Readonly<Record<Scope, string>> = {
  address: 'from this address',
  key: 'with this key',
  app: 'of this app',
}

function tooManyStreams(scope: Scope): ServiceError {
  return new ServiceError('too_many_streams', {
    message: `As many streams as may be are open ${WHOSE[scope]}: close those that are no longer needed, or use one for several things.`,
    details: { scope },
    retryAfterSeconds: RETRY_SECONDS,
  })
}

function tooManySubscriptions(scope: Scope): ServiceError {
  return new ServiceError('too_many_subscriptions', {
    message: `The subscriptions ${WHOSE[scope]} take as much as they may together: remove listeners that are no longer needed, or write shorter conditions.`,
    details: { scope },
    retryAfterSeconds: RETRY_SECONDS,
  })
}

function tooManyReads(scope: Scope, waitMs: number): ServiceError {
  return new ServiceError('too_many_requests', {
    message: `Too much is read ${WHOSE[scope]} in a short time: repeat the request later. A stream (GET /v1/stream) tells of a payment without being asked.`,
    details: { scope },
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
  })
}

/** For tests and tools. */
export const NO_BUDGETS: Budgets = {
  openStream: () => () => {},
  connect: () => () => {},
  assertMayConnect() {},
  subscribe: () => () => {},
  read() {},
  size: 0,
}
