/** Reads `text/event-stream` as it arrives, whatever way the network has cut it. */

export interface SseEvent {
  /** `message` unless the stream names another. */
  readonly type: string
  readonly data: string
  /** The last id of the stream up to here; null before the first. */
  readonly id: string | null
}

export interface EventParser {
  /** @param text what came next, already decoded. */
  feed(text: string): void
  /** The last id of the stream; ids without data count. */
  readonly lastId: string | null
  /** What the server asked to wait before coming back, in milliseconds; null when it did not. */
  readonly retryMs: number | null
}

/** @param startId where the stream goes on from. */
export function createEventParser(onEvent: (event: SseEvent) => void, startId: string | null): EventParser {
  let rest = ''
  let type = ''
  let data = ''
  let lastId = startId
  let seenId = startId
  let retryMs: number | null = null

  const endEvent = (): void => {
    lastId = seenId
    const event = { type: type || 'message', data: data.slice(0, -1), id: lastId }
    const hasData = data !== ''
    type = data = ''
    if (hasData) onEvent(event)
  }

  const takeLine = (line: string): void => {
    const [, name, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (line === '') endEvent()
    else if (name === 'data') data += `${value}\n`
    else if (name === 'event') type = value
    else if (name === 'id' && !value.includes('\0')) seenId = value
    else if (name === 'retry' && /^\d+$/.test(value)) retryMs = Number(value)
  }

  return {
    feed(text) {
      // A carriage return at the very end may be half of a line end, so it waits for what follows.
      const all = rest + text
      const end = all.endsWith('\r') ? -1 : all.length
      const lines = all.slice(0, end).split(/\r\n|\r|\n/)
      rest = lines.pop() + all.slice(end)
      lines.forEach(takeLine)
    },
    get lastId() {
      return lastId
    },
    get retryMs() {
      return retryMs
    },
  }
}
