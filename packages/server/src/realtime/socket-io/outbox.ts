/** Writes Socket.IO events to one connection, with the JSON already made, and never more than it reads. */

/** What is used of an Engine.IO connection. */
export interface EngineConnection {
  send(data: string | Buffer, options: { compress: boolean }, onFlushed?: () => void): unknown
}

export type ServerEvent = 'SUB_READY' | 'SUB_RES' | 'MET_RES'

export interface Outbox {
  /** @param json the one argument of the event. @param onFlushed called when it has left this process. */
  send(event: ServerEvent, json: string, onFlushed?: () => void): void
  /** Undefined while the reader keeps up; else resolves when it has caught up, or the connection is gone. */
  ready(): Promise<void> | undefined
  close(): void
}

export interface OutboxDeps {
  readonly connection: EngineConnection
  /** Such as `/app_1`. */
  readonly namespace: string
  /** The Java client wraps the JSON of each event into bytes. */
  readonly binary: boolean
  /** Characters that may wait for the reader; above it, `onOverflow` is called once and nothing more is sent. */
  readonly mostPending: number
  onOverflow(): void
}

export function createOutbox({ connection, namespace, binary, mostPending, onOverflow }: OutboxDeps): Outbox {
  let pending = 0
  let closed = false
  let waiting: (() => void)[] = []

  const release = (): void => {
    const released = waiting
    waiting = []
    for (const resolve of released) resolve()
  }

  const flushed = (length: number, onFlushed?: () => void) => () => {
    pending -= length
    onFlushed?.()
    if (pending <= mostPending / 4) release()
  }

  return {
    send(event, json, onFlushed) {
      if (closed) return
      if (pending + json.length > mostPending) {
        closed = true
        release()
        onOverflow()
        return
      }
      pending += json.length
      const done = flushed(json.length, onFlushed)
      // Frames of the Socket.IO protocol, versions 4 and 5 alike: 2 is an event, 51- an event with one attachment.
      if (binary) {
        connection.send(`51-${namespace},["${event}",{"_placeholder":true,"num":0}]`, PLAIN)
        connection.send(Buffer.from(json), PLAIN, done)
      } else {
        connection.send(`2${namespace},["${event}",${json}]`, PLAIN, done)
      }
    },
    ready() {
      if (closed || pending <= mostPending / 4) return undefined
      return new Promise((resolve) => waiting.push(resolve))
    },
    close() {
      closed = true
      release()
    },
  }
}

const PLAIN = { compress: false }
