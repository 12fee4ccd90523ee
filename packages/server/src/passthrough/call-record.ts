/** Writes down each call: before it is sent where it changes something, and afterwards, many at once, where it only reads. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type {
  CallEnd,
  FinishedCall,
  PassthroughAuditStore,
  StartedCall,
} from '../store/passthrough-audit-store.ts'

export interface CallRecorderDeps {
  readonly audit: Pick<PassthroughAuditStore, 'begin' | 'end' | 'addAll'>
  readonly clock: Clock
  /** Runs once, later, unless the returned function is called; does not keep the process alive. */
  after(ms: number, run: () => void): () => void
  readonly log: Pick<Log, 'error'>
}

export type Ending = Omit<CallEnd, 'endedAt'>

export interface CallRecorder {
  /**
   * @returns the function that notes the end, which nobody waits for. Throws `store_unavailable`: what changes
   * something is not sent without a trace.
   */
  begin(call: Omit<StartedCall, 'startedAt'>): Promise<(end: Ending) => void>
  /** Notes a call that is not sent. */
  refused(call: Omit<StartedCall, 'startedAt'>, end: Pick<CallEnd, 'status' | 'error'>): void
  /** Writes down what waits. */
  flush(): Promise<void>
}

/** A commit waits for the disk, and every request with it: reads share few of them. */
const FLUSH_AFTER_MS = 200
const MOST_WAITING = 200
/** What the store did not take is tried again, and so many of these are kept. */
const RETRY_AFTER_MS = 5_000
const MOST_UNWRITTEN = 10_000

const NOTHING = { stripeRequestId: null, bytesSent: 0, bytesReceived: 0 } as const

export function createCallRecorder({ audit, clock, after, log }: CallRecorderDeps): CallRecorder {
  let waiting: FinishedCall[] = []
  let stopTimer: (() => void) | null = null

  let unwritten: (() => Promise<void>)[] = []

  /** How a call ended is known, and held until it can be written. */
  async function noted(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      log.error(
        { err: error },
        'Calls to Stripe could not be written down; they are held in memory until they can',
      )
      if (unwritten.length < MOST_UNWRITTEN) unwritten.push(write)
      stopTimer ??= after(RETRY_AFTER_MS, () => void flush())
    }
  }

  async function flush(): Promise<void> {
    stopTimer?.()
    stopTimer = null
    const again = unwritten
    const calls = waiting
    unwritten = []
    waiting = []
    if (calls.length > 0) again.push(() => audit.addAll(calls))
    await Promise.all(again.map(noted))
  }

  function add(call: FinishedCall): void {
    waiting.push(call)
    if (waiting.length >= MOST_WAITING) void flush()
    else stopTimer ??= after(FLUSH_AFTER_MS, () => void flush())
  }

  return {
    async begin(call) {
      const started = { ...call, startedAt: clock.now() }
      if (call.method === 'GET' || call.method === 'HEAD') {
        return (end) => add({ ...started, ...end, endedAt: clock.now() })
      }
      const number = await audit.begin(started)
      return (end) => {
        const ended = { ...end, endedAt: clock.now() }
        void noted(() => audit.end(number, ended))
      }
    },
    refused(call, { status, error }) {
      const now = clock.now()
      add({ ...call, ...NOTHING, startedAt: now, outcome: 'refused', status, error, endedAt: now })
    },
    flush,
  }
}
