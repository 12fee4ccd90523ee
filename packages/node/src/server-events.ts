/** Reads server-sent events from a fetch answer, as the HTML standard parses them. */

export interface ServerEvent {
  /** `message` unless named. */
  readonly event: string
  /** null for a block that only carries an id. */
  readonly data: string | null
  /** The last id so far; empty before the first. */
  readonly id: string
}

/** @yields each block that has data or an id; comments are passed over after `onLife` has heard of them */
export async function* readServerEvents(
  body: ReadableStream<Uint8Array>,
  onLife: () => void = () => undefined,
): AsyncGenerator<ServerEvent, void, undefined> {
  let id = ''
  for await (const block of blocksOf(body, onLife)) {
    const fields = block.map(fieldOf)
    const ids = fields.filter(([name, value]) => name === 'id' && !value.includes('\0'))
    id = ids.at(-1)?.[1] ?? id
    const data = fields.filter(([name]) => name === 'data').map(([, value]) => value)
    if (data.length === 0 && ids.length === 0) continue
    const event = fields.findLast(([name]) => name === 'event')?.[1] ?? ''
    yield { event: event === '' ? 'message' : event, data: data.length === 0 ? null : data.join('\n'), id }
  }
}

/** Lines up to each empty one; a block that the end cuts off is dropped. */
async function* blocksOf(
  body: ReadableStream<Uint8Array>,
  onLife: () => void,
): AsyncGenerator<readonly string[], void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  let lines: string[] = []
  for await (const chunk of body) {
    onLife()
    rest += decoder.decode(chunk, { stream: true })
    // A carriage return at the very end may be half of a line break.
    const parts = rest.split(/\r\n|\n|\r(?!$)/)
    rest = parts.pop() ?? ''
    for (const line of parts) {
      if (line !== '') lines.push(line)
      else {
        if (lines.length > 0) yield lines
        lines = []
      }
    }
  }
}

function fieldOf(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':')
  if (colon === -1) return [line, '']
  const value = line.slice(colon + 1)
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value]
}
