/** The one reader of the event log in this process: publishes each event once, in order, to the hub. */
import { setImmediate as immediate } from 'node:timers/promises'
import type { Log } from '../log.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Hub } from './hub.ts'
import { createPublication } from './publication.ts'
import type { Cancel, Timers } from './timers.ts'

export interface LogReader {
  /** Takes the end of the log as the starting point. Rejects when the store cannot be read. */
  start(): Promise<void>
  /** Says that something was committed. Cheap; calls while a read runs are answered by one more read. */
  wake(): void
  /** The position of the last event that was handed to the hub, or of the end of the log at start. */
  head(): number
  /** Stops after the event at hand. */
  close(): Promise<void>
}

export interface LogReaderDeps {
  readonly events: Pick<EventStore, 'readAfter' | 'lastPosition'>
  readonly hub: Pick<Hub, 'publish' | 'size'>
  readonly timers: Pick<Timers, 'every'>
  readonly log: Log
  /** How often to look without being woken: a safety net, and the way to see what other processes store. */
  readonly pollMs?: number
  /** Resolves in the next turn of the event loop; `setImmediate` unless told. */
  nextTurn?(): Promise<unknown>
}

const PAGE = 200

export function createLogReader(deps: LogReaderDeps): LogReader {
  const { events, hub, timers, log, pollMs = 1_000, nextTurn = immediate } = deps
  let position = 0
  let running: Promise<void> | null = null
  let again = false
  let closed = false
  let stopPolling: Cancel = () => undefined

  const publishPage = async (): Promise<number> => {
    const page = await events.readAfter(position, PAGE)
    for (const event of page) {
      if (closed) break
      // Before the hub takes its listeners together: who joins later must count this event as past.
      position = event.position
      if (event.flag === null && hub.size > 0) await hub.publish(createPublication(event))
    }
    return page.length
  }

  const catchUp = async (): Promise<void> => {
    do {
      again = false
      // Between two pages others have their turn: a log that somebody else filled may be long.
      while (!closed && (await publishPage()) > 0) await nextTurn()
    } while (again && !closed)
  }

  const wake = (): void => {
    again = true
    if (closed || running !== null) return
    running = catchUp()
      // The next wake-up or the timer tries again from the same position.
      .catch((error: unknown) => log.error({ err: error, position }, 'The event log could not be read'))
      .finally(() => {
        running = null
        // A wake-up that came after the last look, but before this line.
        if (again) wake()
      })
  }

  return {
    async start() {
      position = await events.lastPosition()
      stopPolling = timers.every(pollMs, wake)
    },
    wake,
    head: () => position,
    async close() {
      closed = true
      stopPolling()
      await running
    },
  }
}
