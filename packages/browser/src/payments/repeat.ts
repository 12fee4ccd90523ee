/** Repeats a request until its answer is known: what was lost on the way may have happened. */
import { reconnectDelay } from '../sse/follow-stream.ts'
import { type PageWorld, pageWorld } from '../sse/page-world.ts'
import type { TollbridgeError } from '../tollbridge-error.ts'

export interface RepeatOptions {
  readonly world?: PageWorld | undefined
  /** At most; 9 unless told. */
  readonly tries?: number | undefined
  /** Before each wait. */
  onTrouble?(): void
}

const FIRST_DELAY_MS = 500
/** About a minute and a half of waiting, if nothing brings the network back sooner. */
const MOST_TRIES = 9
/** What a proxy may ask for: somebody sits before it. */
const LONGEST_WAIT_S = 30
/** The server waits for Stripe and for other requests of the order; what takes longer is lost. */
const ANSWER_MS = 60_000

const NO_ANSWER = 'api_connection_error'
const LOST = ['answer_unreadable', 'idempotency_key_in_use', 'too_many_requests']
/** Answered 5xx, and nothing was charged. */
const REFUSED = ['charges_stopped', 'stripe_key_rejected', 'secret_unavailable']

/** Whether a failed request may all the same have been carried out, so that only its repetition tells. */
export function isUnsettled(error: unknown): boolean {
  const { status = 0, code = '', type = NO_ANSWER } = error as Partial<TollbridgeError>
  return (
    (status === 0 && type === NO_ANSWER) || LOST.includes(code) || (status >= 500 && !REFUSED.includes(code))
  )
}

/** @param ask must be the same request each time. @throws the last error */
export async function repeat<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  { world = pageWorld, tries = MOST_TRIES, onTrouble }: RepeatOptions = {},
): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await inTime(ask, world)
    } catch (error) {
      if (!isUnsettled(error) || ++failures === tries) throw error
      onTrouble?.()
      const { retryAfter = 0 } = error as Partial<TollbridgeError>
      await pause(
        Math.max(
          Math.min(retryAfter, LONGEST_WAIT_S) * 1_000,
          reconnectDelay(failures - 1, FIRST_DELAY_MS, world.random),
        ),
        world,
      )
    }
  }
}

async function inTime<T>(ask: (signal: AbortSignal) => Promise<T>, world: PageWorld): Promise<T> {
  const limit = new AbortController()
  const cancel = world.after(ANSWER_MS, () => limit.abort())
  try {
    return await ask(limit.signal)
  } finally {
    cancel()
  }
}

/** Shorter when the network comes back. */
function pause(ms: number, world: PageWorld): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      stopTimer()
      stopListening()
      resolve()
    }
    const stopTimer = world.after(ms, end)
    const stopListening = world.onReturn((what) => {
      if (what === 'online') end()
    })
  })
}

/** Under one key the server does a thing once. Not `randomUUID`, which pages without TLS lack. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (it) => it.toString(36)).join('-')
}
