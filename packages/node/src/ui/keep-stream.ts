/** Keeps one stream of server-sent events open: reconnects, and moves to a new address without a gap. */
import { readServerEvents } from '../server-events.ts'

export interface KeptStream {
  /** Opens, or opens anew with what `path` says now; the old one stays until the new one stands. */
  refresh(): void
  /** Resolves when the stream stands, or has failed once. */
  attempted(): Promise<void>
  close(): void
}

export interface KeepStreamDeps {
  open(request: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly signal: AbortSignal
  }): Promise<Response>
  path(): string
  onEvent(event: string, data: string): void
  /** After each end of a stream that others may now hold the work of. */
  onBroken(): void
  /** Once for each outage. */
  onError(error: unknown): void
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** From 0 to 1. */
  random(): number
  /** Ends the wait for a stream that has fallen silent: the server says something every 15 seconds. */
  readonly silenceMs?: number
}

const SILENCE_MS = 45_000
const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 15_000

export function createKeptStream(deps: KeepStreamDeps): KeptStream {
  const { silenceMs = SILENCE_MS } = deps
  /** The oldest first; more than one while a new one is being opened. */
  const runners: AbortController[] = []
  let hasAttempted = Promise.resolve()
  /** Of all runners: the place in the server's log of ends. */
  let lastId = ''
  let isClosed = false

  function start(): void {
    const runner = new AbortController()
    runners.push(runner)
    hasAttempted = new Promise((resolve) => {
      const endOlder = () => {
        for (const older of runners.splice(0, runners.indexOf(runner))) older.abort()
        resolve()
      }
      void run(runner.signal, endOlder, resolve)
    })
  }

  async function run(signal: AbortSignal, onOpen: () => void, onFailure: () => void): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      try {
        await readOnce(signal, () => {
          failures = 0
          onOpen()
        })
      } catch (error) {
        if (signal.aborted) break
        if (failures === 0) deps.onError(error)
        failures += 1
        onFailure()
      }
      deps.onBroken()
      const delay = Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS)
      await deps.sleep(delay * (0.5 + deps.random() / 2), signal).catch(() => undefined)
    }
    deps.onBroken()
  }

  /** Returns when the server ends the stream; throws when it cannot be opened, breaks or falls silent. */
  async function readOnce(signal: AbortSignal, onOpen: () => void): Promise<void> {
    const silence = new AbortController()
    const timer = setTimeout(() => silence.abort(new Error('The stream has fallen silent.')), silenceMs)
    try {
      const response = await deps.open({
        method: 'GET',
        path: deps.path(),
        headers: { accept: 'text/event-stream', ...(lastId === '' ? {} : { 'last-event-id': lastId }) },
        signal: AbortSignal.any([signal, silence.signal]),
      })
      onOpen()
      if (response.body === null) return
      for await (const { event, data, id } of readServerEvents(response.body, () => timer.refresh())) {
        if (data !== null) deps.onEvent(event, data)
        if (id !== '') lastId = id
      }
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    refresh() {
      if (!isClosed) start()
    },
    attempted: () => hasAttempted,
    close() {
      isClosed = true
      for (const runner of runners.splice(0)) runner.abort()
    },
  }
}
