/** Whom a request is from: behind proxies, as far as they are believed. */
import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'

/** Their number, or their addresses and networks; undefined: none. */
export type TrustedProxies = number | readonly string[] | undefined

type Trust = (address: string, hop: number) => boolean

export interface ClientAddresses {
  of(request: IncomingMessage): string
  /** Whether a peer is one of the proxies, whose connections carry many clients. */
  isProxy(peer: string): boolean
}

export function createClientAddresses(proxies: TrustedProxies): ClientAddresses {
  const trust = trusting(proxies)
  return {
    of: (request) => proxyAddr(request, trust),
    isProxy: (peer) => trust(peer, 0),
  }
}

export function trusting(proxies: TrustedProxies): Trust {
  if (proxies === undefined) return () => false
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies
  return proxyAddr.compile([...proxies])
}
