/** The connections of this process to Stripe: kept for the next call, guarded where somebody named the address, and let go at a stop. */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createGuardedAgents } from '../outbound/guarded-agents.ts'
import type { OnBehalfOf, Reach } from '../outbound/reach.ts'

export interface StripeAgents {
  readonly 'http:': HttpAgent
  readonly 'https:': HttpsAgent
}

/** How calls to one address are connected. */
export interface StripeWires {
  /** Keeps connections. */
  readonly kept: StripeAgents
  /** A connection for each call. */
  readonly fresh: StripeAgents
  /** Aborted when the process lets go of Stripe. */
  readonly letGo: AbortSignal
}

export interface StripeConnections {
  wiresFor(access: { readonly secretKey: string; readonly apiBase: string | null }): StripeWires
  /** Ends every call that is under way, and lets go of what is kept. */
  close(): void
}

export interface StripeConnectionsDeps {
  /** Addresses that the settings of the process name, which its operator vouches for. */
  readonly trusted: readonly (string | null)[]
  reachFor(onBehalfOf: OnBehalfOf): Reach
}

export function createStripeConnections({ trusted, reachFor }: StripeConnectionsDeps): StripeConnections {
  const ending = new AbortController()
  const open = agents(true)
  const openOnce = agents(false)
  const guarded = { live: pair(reachFor('live')), test: pair(reachFor('test')) }
  const closing = [open, openOnce, ...Object.values(guarded).flatMap(({ kept, fresh }) => [kept, fresh])]
  return {
    wiresFor({ secretKey, apiBase }) {
      const isTrusted = apiBase === null || trusted.includes(apiBase)
      const { kept, fresh } = isTrusted
        ? { kept: open, fresh: openOnce }
        : guarded[secretKey.includes('_live_') ? 'live' : 'test']
      return { kept, fresh, letGo: ending.signal }
    },
    close() {
      ending.abort()
      for (const each of closing) {
        each['http:'].destroy()
        each['https:'].destroy()
      }
    },
  }
}

/** For tools and tests, which name the address themselves. */
export function trustedWires(): StripeWires {
  return { kept: agents(true), fresh: agents(false), letGo: new AbortController().signal }
}

function pair(reach: Reach) {
  return {
    kept: createGuardedAgents(reach, { keepAlive: true }),
    fresh: createGuardedAgents(reach),
  }
}

function agents(keepAlive: boolean): StripeAgents {
  return { 'http:': new HttpAgent({ keepAlive }), 'https:': new HttpsAgent({ keepAlive }) }
}
