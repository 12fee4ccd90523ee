/** What Prometheus is told. Labels come from fixed lists (routes, codes, operations), never from ids, so their number is bounded. */
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { ServiceError } from '../errors.ts'
import type { StoreCommit } from '../store/store-health.ts'
import type { Vitals } from './vitals.ts'

/** What is read at the moment of a scrape. */
export interface Readings {
  readonly vitals: Vitals
  readonly openStreams: number
  readonly subscriptions: number
  /** Standing alarms by kind. */
  readonly alarms: ReadonlyMap<string, number>
}

export interface Metrics {
  /** Counts requests and refusals; before the routes are registered. */
  watch(fastify: FastifyInstance): void
  commit(commit: StoreCommit): void
  stripeCall(operation: string, outcome: string, milliseconds: number): void
  /** One comparison with Stripe's list of events. */
  repair(outcome: 'done' | 'failed', stored: number): void
  /** @returns the page, in Prometheus' text format. */
  page(readings: Readings): Promise<string>
  readonly contentType: string
}

const REQUEST_BUCKETS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60]
const COMMIT_BUCKETS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]

export function createMetrics(): Metrics {
  const register = new Registry()
  const registers = [register]
  const requests = new Counter({
    name: 'tollbridge_requests_total',
    help: 'Answered requests',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const requestSeconds = new Histogram({
    name: 'tollbridge_request_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['route'],
    buckets: REQUEST_BUCKETS,
    registers,
  })
  const refusals = new Counter({
    name: 'tollbridge_refusals_total',
    help: 'Requests refused, by the code of the error table',
    labelNames: ['code'],
    registers,
  })
  const commits = new Histogram({
    name: 'tollbridge_commit_seconds',
    help: 'Time of a commit to disk',
    buckets: COMMIT_BUCKETS,
    registers,
  })
  const writes = new Counter({
    name: 'tollbridge_writes_total',
    help: 'Writes committed; several share a commit',
    registers,
  })
  const stripeSeconds = new Histogram({
    name: 'tollbridge_stripe_call_seconds',
    help: 'Time of calls to Stripe',
    labelNames: ['operation', 'outcome'],
    buckets: REQUEST_BUCKETS,
    registers,
  })
  const repairs = new Counter({
    name: 'tollbridge_repair_runs_total',
    help: 'Comparisons with the list of events at Stripe',
    labelNames: ['outcome'],
    registers,
  })
  const repaired = new Counter({
    name: 'tollbridge_repaired_events_total',
    help: 'Events that no webhook brought',
    registers,
  })
  const gauges = createGauges(registers)
  const countRequest = boundRequests(requests, requestSeconds)

  return {
    watch(fastify) {
      fastify.addHook('onError', (_request, _reply, error: unknown, done) => {
        refusals.inc({ code: codeOf(error) })
        done()
      })
      fastify.addHook('onResponse', (request, reply, done) => {
        countRequest(request.method, request.routeOptions.url, reply.statusCode, reply.elapsedTime)
        done()
      })
    },
    commit({ writes: count, milliseconds }) {
      commits.observe(milliseconds / 1000)
      writes.inc(count)
    },
    stripeCall: (operation, outcome, milliseconds) =>
      stripeSeconds.observe({ operation, outcome }, milliseconds / 1000),
    repair(outcome, stored) {
      repairs.inc({ outcome })
      if (stored > 0) repaired.inc(stored)
    },
    async page(readings) {
      gauges.set(readings)
      return Registry.merge([register, processMetrics()]).metrics()
    },
    contentType: register.contentType,
  }
}

/** Looking up labels costs more than counting, and runs for every webhook: each combination is looked up once. */
function boundRequests(
  requests: Counter<'method' | 'route' | 'status'>,
  seconds: Histogram<'route'>,
): (method: string, route: string | undefined, status: number, ms: number) => void {
  const bound = new Map<string, { inc(): void; observe(value: number): void }>()
  return (method, url, status, ms) => {
    const route = url ?? 'none'
    const key = `${method} ${status} ${route}`
    let counted = bound.get(key)
    if (counted === undefined) {
      const counter = requests.labels({ method, route, status: String(status) })
      const histogram = seconds.labels({ route })
      counted = { inc: () => counter.inc(), observe: (value) => histogram.observe(value) }
      bound.set(key, counted)
    }
    counted.inc()
    counted.observe(ms / 1000)
  }
}

function createGauges(registers: Registry[]) {
  const gauge = (name: string, help: string) => new Gauge({ name: `tollbridge_${name}`, help, registers })
  const waiting = gauge('events_waiting', 'Events stored and not handled, failed ones among them')
  const oldest = gauge('events_oldest_waiting_seconds', 'Age of the oldest of them')
  const overdue = gauge('events_overdue_seconds', 'For how long an event has been due and not taken up')
  const dead = gauge('events_dead', 'Events whose handling was given up')
  const openAttempts = gauge('attempts_open', 'Calls that move money, whose outcome is not known yet')
  const streams = gauge('streams_open', 'Streams and sockets of clients')
  const subscriptions = gauge('subscriptions', 'Conditions that clients listen with')
  const skew = gauge('clock_skew_seconds', 'How far the clock of this machine is ahead of the one of Stripe')
  const writable = gauge('store_writable', '1: the database takes writes')
  const database = gauge('store_database_bytes', 'Size of the database file')
  const wal = gauge('store_wal_bytes', 'Size of the write-ahead log')
  const free = gauge('disk_free_bytes', 'Room on the disk of the database')
  const disk = gauge('disk_bytes', 'Size of the disk of the database')
  const alarms = new Gauge({
    name: 'tollbridge_alarms',
    help: 'Standing alarms',
    labelNames: ['kind'],
    registers,
  })
  return {
    set({ vitals, openStreams, subscriptions: held, alarms: standing }: Readings) {
      waiting.set(vitals.waiting)
      oldest.set(vitals.oldestWaitingMs / 1000)
      overdue.set(vitals.overdueMs / 1000)
      dead.set(vitals.dead)
      openAttempts.set(vitals.openAttempts)
      streams.set(openStreams)
      subscriptions.set(held)
      skew.set((vitals.skewMs ?? Number.NaN) / 1000)
      writable.set(vitals.storeTrouble === null ? 1 : 0)
      database.set(vitals.space?.database ?? Number.NaN)
      wal.set(vitals.space?.writeAheadLog ?? Number.NaN)
      free.set(vitals.space?.diskFree ?? Number.NaN)
      disk.set(vitals.space?.disk ?? Number.NaN)
      alarms.reset()
      for (const [kind, count] of standing) alarms.set({ kind }, count)
    },
  }
}

function codeOf(error: unknown): string {
  if (error instanceof ServiceError) return error.code
  const { statusCode } = (error ?? {}) as { readonly statusCode?: unknown }
  return typeof statusCode === 'number' && statusCode < 500 ? 'body_invalid' : 'internal'
}

let ofProcess: Registry | null = null

/** Memory, CPU, delay of the event loop: of the process, so they are measured once, from the first scrape on. */
function processMetrics(): Registry {
  if (ofProcess === null) {
    ofProcess = new Registry()
    collectDefaultMetrics({ register: ofProcess })
  }
  return ofProcess
}
