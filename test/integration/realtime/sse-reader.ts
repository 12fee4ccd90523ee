/** Reads a server-sent event stream with fetch, block by block, as `curl -N` would show it. */
import { eventually } from '../../support/eventually.ts'

export interface SseBlock {
  readonly id?: string
  readonly event?: string
  readonly data?: Record<string, unknown>
  readonly retry?: string
  readonly comment?: string
}

export interface SseReader {
  readonly status: number
  readonly headers: Headers
  readonly blocks: SseBlock[]
  /** Blocks that carry data. */
  events(): SseBlock[]
  /** The transaction of each event, in order. */
  ids(): string[]
  has(count: number): Promise<unknown>
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>
  close(): void
}

export async function openSse(url: string, headers: Record<string, string> = {}): Promise<SseReader> {
  const abort = new AbortController()
  const response = await fetch(url, { headers, signal: abort.signal })
  const blocks: SseBlock[] = []
  const events = () => blocks.filter(({ data }) => data !== undefined)
  const ended = read(response, blocks).catch(() => undefined)
  return {
    status: response.status,
    headers: response.headers,
    blocks,
    events,
    ids: () => events().map(({ data }) => (data?.['headers'] as { id: string } | undefined)?.id ?? '?'),
    has: (count) => eventually(() => events().length >= count, { what: `${count} events` }),
    ended,
    close: () => abort.abort(),
  }
}

async function read(response: Response, blocks: SseBlock[]): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    blocks.push(...parts.map(toBlock))
  }
}

function toBlock(part: string): SseBlock {
  const fields = part.split('\n').map((line) => {
    const colon = line.indexOf(':')
    const name = colon === 0 ? 'comment' : line.slice(0, colon)
    const value = line.slice(colon + 1).trimStart()
    return [name, name === 'data' ? JSON.parse(value) : value]
  })
  return Object.fromEntries(fields)
}
