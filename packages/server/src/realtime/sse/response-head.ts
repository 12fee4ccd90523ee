/** Begins a response of server-sent events: from here on it is ours to write. */
import type { FastifyReply } from 'fastify'

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies of the nginx family would hold events back.
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
}

/** How long a reader waits before it comes back. */
const RETRY_MS = 1_000
export const OPENING = `retry: ${RETRY_MS}\n: connected\n\n`

export function sendHead(reply: FastifyReply): void {
  reply.hijack()
  const { raw } = reply
  // Any page may read what its key opens; hooks of the server may say so more precisely.
  raw.setHeader('access-control-allow-origin', '*')
  for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...HEADERS })) {
    if (value !== undefined) raw.setHeader(name, value)
  }
  raw.writeHead(200)
}
