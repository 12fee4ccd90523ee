/** A port of its own on which Stripe's API begins at the root, for SDKs that know an address but no path. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CHECK_HEADS_MS, type Connections } from '../http/connections.ts'
import type { ServeCall } from './serve-call.ts'

export interface PassthroughListener {
  /** @returns the address under which this machine reaches it. Rejects where the port cannot be had. */
  listen(options: { readonly host: string; readonly port: number }): Promise<string>
  /** Takes no more connections, and resolves when there is none left. */
  close(): Promise<void>
}

export interface PassthroughListenerDeps {
  readonly connections: Pick<Connections, 'watch' | 'admit'>
  readonly serveCall: ServeCall
  newRequestId(): string
}

/** As on the main port. */
const HEADER_LIMIT = 64 * 1024

export function createPassthroughListener({
  connections,
  serveCall,
  newRequestId,
}: PassthroughListenerDeps): PassthroughListener {
  const options = {
    maxHeaderSize: HEADER_LIMIT,
    connectionsCheckingInterval: CHECK_HEADS_MS,
    shouldUpgradeCallback: () => false,
  }
  const server: Server = createServer(options, (request, response) => {
    if (!connections.admit(request, response)) return
    void serveCall({
      request,
      response,
      url: request.url ?? '/',
      surface: 'stripe',
      requestId: newRequestId(),
    })
  })

  connections.watch(server)

  return {
    async listen({ host, port }) {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => resolve())
      })
      const open = ['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(host)
      const named = open ? 'localhost' : host.includes(':') ? `[${host}]` : host
      return `http://${named}:${(server.address() as AddressInfo).port}`
    },
    async close() {
      if (!server.listening) return
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
