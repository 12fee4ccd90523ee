/** Stands between the server and its Stripe, and changes what a test wants changed: dates, refusals, redirects. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StripeProxy {
  readonly url: string
  /** Moves the header Date of every answer by so many milliseconds. */
  dateOffsetMs: number
  /** Answers instead of Stripe; null passes the call on, a promise later. */
  answer: ((call: ProxiedCall) => ProxiedAnswer | null | Promise<null>) | null
  /** Every call so far, as `METHOD /path`. */
  readonly calls: string[]
  close(): Promise<void>
}

export interface ProxiedCall {
  readonly method: string
  readonly path: string
}

export interface ProxiedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export async function startStripeProxy(target: string): Promise<StripeProxy> {
  const server = createServer(async (incoming, outgoing) => {
    const path = (incoming.url ?? '/').split('?')[0] ?? '/'
    proxy.calls.push(`${incoming.method} ${path}`)
    const answer = (await proxy.answer?.({ method: incoming.method ?? 'GET', path })) ?? null
    if (answer !== null) sendAnswer(incoming, outgoing, answer)
    else passOn(incoming, outgoing, target, proxy)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: StripeProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dateOffsetMs: 0,
    answer: null,
    calls: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return proxy
}

/** The answer that Stripe gives to a restricted key without the permission. */
export function permissionDenied(): ProxiedAnswer {
  return {
    status: 403,
    body: {
      error: { type: 'invalid_request_error', message: 'The provided key does not have access to this.' },
    },
  }
}

/** The answer that Stripe gives to a key that it does not know. */
export function keyRejected(): ProxiedAnswer {
  return {
    status: 401,
    body: { error: { type: 'invalid_request_error', message: 'Invalid API Key provided: sk_test_****' } },
  }
}

function sendAnswer(incoming: IncomingMessage, outgoing: ServerResponse, answer: ProxiedAnswer): void {
  incoming.resume()
  const body = JSON.stringify(answer.body ?? {})
  outgoing.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
  outgoing.end(body)
}

function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: string,
  { dateOffsetMs }: Pick<StripeProxy, 'dateOffsetMs'>,
): void {
  const forward = httpRequest(`${target}${incoming.url}`, {
    method: incoming.method,
    headers: incoming.headers,
  })
  forward.on('response', (answer) => {
    const date = new Date(Date.now() + dateOffsetMs).toUTCString()
    outgoing.sendDate = false
    outgoing.writeHead(answer.statusCode ?? 500, { ...answer.headers, date })
    answer.pipe(outgoing)
  })
  forward.on('error', () => outgoing.destroy())
  incoming.pipe(forward)
}
