/** Follows a stream of server-sent events over fetch, so that headers can be sent, and always comes back. */
import { createEventParser, type SseEvent } from './event-parser.ts'
import { type PageWorld, pageWorld } from './page-world.ts'

export interface FollowOptions {
  /**
   * Opens the stream behind an id (send it as `Last-Event-ID`; null: from the start). Resolves with a response that
   * is ok, or throws; an error whose `status` is 4xx (but 408, 425, 429) cannot heal, every other one is tried again.
   */
  connect(lastEventId: string | null, signal: AbortSignal): Promise<Response>
  /** Each event in order, `error` events of the server too. Must not throw. */
  onEvent(event: SseEvent): void
  /** Each time the stream is open, the first time too: what no event tells can be read here. Must not throw. */
  onOpen?(): void
  /** It cannot heal, and nothing is tried any more. */
  onRefused(error: unknown): void
  readonly world?: PageWorld
}

export interface Following {
  close(): void
}

const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 30_000
/** The server says something every 15 seconds; who hears nothing for so long has a dead line. */
const SILENCE_MS = 40_000
/** Back in front of a person, a line that was silent for so long is not trusted. */
const STALE_MS = 20_000

/** @returns milliseconds after `failures` failures (from 0): doubling, and spread so that clients do not come at once. */
export function reconnectDelay(failures: number, firstMs: number, random: () => number): number {
  return Math.min(LONGEST_DELAY_MS, firstMs * 2 ** failures) * (0.5 + random() / 2)
}

export function followStream(options: FollowOptions): Following {
  const { connect, onEvent, onRefused, world = pageWorld } = options
  let isClosed = false
  let lastId: string | null = null
  let firstDelay = FIRST_DELAY_MS
  let failures = 0
  let heardAt = 0
  /** Ends the present connection or the present wait; the next connection begins at once. */
  let goOn = (): void => undefined

  /** One connection, to its end. @returns whether `goOn` ended it. */
  async function read(): Promise<boolean> {
    const line = new AbortController()
    let isLeft = false
    goOn = () => {
      isLeft = true
      line.abort()
    }
    let stopTimer = (): void => undefined
    const heard = (): void => {
      heardAt = world.now()
      stopTimer()
      stopTimer = world.after(SILENCE_MS, () => line.abort())
    }
    heard()
    try {
      const { body } = await connect(lastId, line.signal)
      const parser = createEventParser((event) => {
        if (!line.signal.aborted) onEvent(event)
      }, lastId)
      const reader = (body as ReadableStream<Uint8Array>).getReader()
      const decoder = new TextDecoder()
      if (!line.signal.aborted) options.onOpen?.()
      for (;;) {
        const { done, value } = await reader.read()
        if (done || line.signal.aborted) break
        heard()
        failures = 0
        parser.feed(decoder.decode(value, { stream: true }))
        lastId = parser.lastId
        firstDelay = parser.retryMs ?? firstDelay
      }
    } catch (error) {
      if (!line.signal.aborted && cannotHeal(error)) {
        close()
        onRefused(error)
      }
    }
    stopTimer()
    line.abort()
    return isLeft
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = world.after(reconnectDelay(failures++, firstDelay, world.random), resolve)
      goOn = () => {
        cancel()
        resolve()
      }
    })
  }

  async function run(): Promise<void> {
    while (!isClosed) if (!(await read()) && !isClosed) await pause()
  }

  // A network that came back has left the old connection behind, even if nothing says so.
  const stopListening = world.onReturn((what) => {
    if (what === 'visible' && world.now() - heardAt < STALE_MS) return
    failures = 0
    goOn()
  })

  function close(): void {
    isClosed = true
    stopListening()
    goOn()
  }

  void run()
  return { close }
}

/** Whether no repetition mends it: the server understood and refuses. */
export function cannotHeal(error: unknown): boolean {
  const { status } = (error ?? {}) as { readonly status?: unknown }
  return typeof status === 'number' && status >= 400 && status < 500 && ![408, 425, 429].includes(status)
}
