/** A page as the server sees one: its stream, its answers, and its requests to the app's own server. */
import { randomUUID } from 'node:crypto'
import { eventually } from '../../../test/support/eventually.ts'
import { readServerEvents } from '../src/server-events.ts'

export interface PageMessage {
  readonly id: string
  readonly scope: string
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it, field by field.
  readonly data: any
  readonly callbackNames: readonly string[]
  readonly extras: Readonly<Record<string, unknown>>
}

export interface Page {
  readonly tab: string
  /** What the page shows with each request. */
  readonly headers: Readonly<Record<string, string>>
  readonly messages: readonly PageMessage[]
  readonly ends: readonly { readonly id: string; readonly reason: string }[]
  /** The message with that number, from 1. */
  message(number?: number): Promise<PageMessage>
  answer(
    id: string,
    callback: string,
    data?: unknown,
  ): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>
  close(): void
}

/** Resolves when the stream is open. @param origin of the page; the session must be for it */
export async function openPage(
  server: { readonly url: string },
  { token, origin }: { readonly token: string; readonly origin: string },
): Promise<Page> {
  const tab = `tab_${randomUUID()}`
  const headers = { 'tollbridge-ui-session': token, 'tollbridge-tab': tab, origin }
  const messages: PageMessage[] = []
  const ends: { readonly id: string; readonly reason: string }[] = []
  const abort = new AbortController()

  async function read(response: Response): Promise<void> {
    if (response.body === null) return
    for await (const { event, data } of readServerEvents(response.body)) {
      if (data === null) continue
      if (event === 'message') messages.push(JSON.parse(data))
      if (event === 'end') ends.push(JSON.parse(data))
    }
  }

  const response = await fetch(`${server.url}/v1/ui/stream`, { headers, signal: abort.signal })
  if (!response.ok)
    throw new Error(`The page's stream was answered ${response.status}: ${await response.text()}`)
  void read(response).catch(() => undefined)

  return {
    tab,
    headers,
    messages,
    ends,
    message: (number = 1) =>
      eventually(() => messages[number - 1] ?? null, { what: `message ${number} in the page` }),
    async answer(id, callback, data = {}) {
      const posted = await fetch(`${server.url}/v1/ui/callbacks`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ id, callback, data }),
      })
      return { status: posted.status, body: (await posted.json()) as Record<string, unknown> }
    },
    close: () => abort.abort(),
  }
}
