/** Follows GET /v1/stream over breaks: every event once, in the order of the log. */
import type { StreamMessage } from '@tollbridge/protocol'
import { readServerEvents } from './server-events.ts'
import { StripeApiError } from './stripe-api-error.ts'

export interface FollowOptions {
  /** `stripe` unless named, or `stripe/<transaction id>`. */
  readonly channel?: string
  /** Such as `type LIKE 'charge.%' AND amount > 1000`. */
  readonly selector?: string
  /** The position of the last event that was dealt with: begins with the next. */
  readonly after?: number
  /** Ends the iteration. */
  readonly signal?: AbortSignal
}

export interface FollowDeps {
  open(request: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly signal: AbortSignal
  }): Promise<Response>
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** From 0 to 1. */
  random(): number
  readonly silenceMs?: number
}

const SILENCE_MS = 45_000
const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 15_000

export async function* followEvents(
  deps: FollowDeps,
  options: FollowOptions,
): AsyncGenerator<StreamMessage, void, undefined> {
  const { channel, selector, after, signal } = options
  const fields = {
    ...(channel === undefined ? {} : { channel }),
    ...(selector === undefined ? {} : { selector }),
  }
  const path = `/v1/stream?${new URLSearchParams(fields)}`
  let position = after === undefined ? '' : String(after)
  let failures = 0

  const isEnded = () => signal?.aborted === true

  while (!isEnded()) {
    try {
      for await (const { data, id, event } of readOnce(deps, path, position, signal)) {
        failures = 0
        // Ids are of the connection, so an event that carries none repeats the last.
        if (data !== null && event === 'message') yield JSON.parse(data) as StreamMessage
        if (id !== '') position = id
      }
    } catch (error) {
      if (isEnded()) return
      if (isRefused(error)) throw error
    }
    failures += 1
    const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS)
    await deps.sleep(delay * (0.5 + deps.random() / 2), signal).catch(() => undefined)
  }
}

async function* readOnce(deps: FollowDeps, path: string, position: string, signal: AbortSignal | undefined) {
  const end = new AbortController()
  const timer = setTimeout(() => end.abort(), deps.silenceMs ?? SILENCE_MS)
  try {
    const { body } = await deps.open({
      method: 'GET',
      path,
      headers: { accept: 'text/event-stream', ...(position === '' ? {} : { 'last-event-id': position }) },
      signal: signal === undefined ? end.signal : AbortSignal.any([signal, end.signal]),
    })
    if (body !== null) yield* readServerEvents(body, () => timer.refresh())
  } finally {
    clearTimeout(timer)
    // Also when the iteration is left in the middle: the connection would live on.
    end.abort()
  }
}

/** Another try would be answered the same. */
function isRefused(error: unknown): boolean {
  return (
    error instanceof StripeApiError &&
    error.status >= 400 &&
    error.status < 500 &&
    ![408, 409, 425, 429].includes(error.status)
  )
}
