/** Connections that are made to allowed addresses alone: judged after the name is resolved, on the address that is dialled. */
import { lookup } from 'node:dns'
import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Reach } from './reach.ts'

export interface GuardedAgents {
  readonly 'http:': HttpAgent
  readonly 'https:': HttpsAgent
  /** Lets go of the connections that are kept. */
  close(): void
}

/** The host leads to an address that this server does not call. Says no more: where names lead inside is nobody's business. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
  readonly code = 'ADDRESS_REFUSED'
  constructor() {
    super('The host leads to an address that this server does not call')
  }
}

export interface GuardedAgentsOptions {
  /** Whether connections are kept for the next request. */
  readonly keepAlive?: boolean
  /** Looks a name up; tests put in their own. */
  readonly resolve?: typeof lookup
}

type Made = (error: Error | null, socket: Duplex) => void

export function createGuardedAgents(
  reach: Reach,
  { keepAlive = false, resolve = lookup }: GuardedAgentsOptions = {},
): GuardedAgents {
  const guarded = guardedLookup(reach, resolve)

  class GuardedHttp extends HttpAgent {
    override createConnection(options: ClientRequestArgs, made?: Made) {
      if (isRefused(options, reach)) return refuse(made)
      return super.createConnection({ ...options, lookup: guarded }, made)
    }
  }
  class GuardedHttps extends HttpsAgent {
    override createConnection(options: ClientRequestArgs, made?: Made) {
      if (isRefused(options, reach)) return refuse(made)
      return super.createConnection({ ...options, lookup: guarded }, made)
    }
  }

  const agents = { 'http:': new GuardedHttp({ keepAlive }), 'https:': new GuardedHttps({ keepAlive }) }
  return {
    ...agents,
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

/** An address in numbers is dialled without being looked up, and a path of a socket file leads nowhere outside. */
function isRefused({ host, socketPath }: ClientRequestArgs, reach: Reach): boolean {
  if (typeof socketPath === 'string') return true
  const address = (host ?? '').replace(/^\[|\]$/g, '')
  return isIP(address) !== 0 && !reach(address)
}

function refuse(made: Made | undefined): undefined {
  // Node's agent takes the failure here; the socket of a failure is looked at by nobody.
  made?.(new AddressRefused(), undefined as unknown as Duplex)
  return undefined
}

/**
 * What is resolved here is what Node connects to, so that no second answer of a name server can differ. A name that
 * leads to a refused address beside allowed ones is refused as a whole.
 */
function guardedLookup(reach: Reach, resolve: typeof lookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null || first === undefined) return done(error ?? new AddressRefused(), '', 0)
      if (!addresses.every(({ address }) => reach(address))) return done(new AddressRefused(), '', 0)
      if (options.all === true) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}
