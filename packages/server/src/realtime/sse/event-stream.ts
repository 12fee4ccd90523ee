/** Writes server-sent events to one HTTP response, keeps it alive, and gives up on a reader that does not read. */
import type { ServerResponse } from 'node:http'
import type { ServiceError } from '../../errors.ts'
import type { Cancel, Timers } from '../timers.ts'

export interface EventStream {
  /** @param frame whole lines with the empty line at the end. */
  write(frame: string | Uint8Array): void
  /** Undefined while the reader keeps up; else resolves when it has read, or the stream has ended. */
  ready(): Promise<void> | undefined
  /** Says why in a last `event: error`, then ends; a reader that does not take it is cut off. */
  end(reason: ServiceError): void
}

export interface EventStreamDeps {
  readonly response: ServerResponse
  readonly timers: Timers
  readonly limits: StreamLimits
  /** The reader did not keep up: the owner decides what to say and calls `end`. */
  onSlow(): void
  /** The response is closed, from either side; called once. */
  onClose(): void
}

export interface StreamLimits {
  readonly heartbeatMs: number
  /** Bytes that wait in this process for the reader. */
  readonly pendingBytes: number
  /** How long the reader may leave everything unread. */
  readonly drainMs: number
}

export const streamLimits: StreamLimits = {
  heartbeatMs: 15_000,
  pendingBytes: 1024 * 1024,
  drainMs: 30_000,
}

const HEARTBEAT = ':\n\n'
const FAREWELL_MS = 5_000

export function createEventStream(deps: EventStreamDeps): EventStream {
  const { response, timers, limits, onSlow, onClose } = deps
  let ended = false
  let stopDrainTimer: Cancel | null = null
  let waiting: (() => void)[] = []

  const release = (): void => {
    stopDrainTimer?.()
    stopDrainTimer = null
    const released = waiting
    waiting = []
    for (const resolve of released) resolve()
  }

  const write = (frame: string | Uint8Array): void => {
    if (ended) return
    if (response.writableLength > limits.pendingBytes) onSlow()
    else if (!response.write(frame)) stopDrainTimer ??= timers.after(limits.drainMs, onSlow)
  }

  const stopHeartbeat = timers.every(limits.heartbeatMs, () => write(HEARTBEAT))
  response.on('drain', release)
  response.once('close', () => {
    ended = true
    stopHeartbeat()
    release()
    onClose()
  })
  // A reader that goes away in the middle of a write is no fault; `close` follows.
  response.on('error', () => undefined)

  return {
    write,
    ready() {
      if (ended || stopDrainTimer === null) return undefined
      return new Promise((resolve) => waiting.push(resolve))
    },
    end(reason) {
      if (ended) return
      ended = true
      stopHeartbeat()
      release()
      response.end(errorFrame(reason))
      const stopWaiting = timers.after(FAREWELL_MS, () => response.destroy())
      response.once('close', stopWaiting)
    },
  }
}

function errorFrame({ row, code, message }: ServiceError): string {
  return `event: error\ndata: ${JSON.stringify({ error: { type: row.type, code, message } })}\n\n`
}
