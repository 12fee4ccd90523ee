/** What a route says about itself, for the OpenAPI document: given where the route is registered, so it cannot be forgotten. */
import type { z } from 'zod'
import type { Scope } from '../access/scopes.ts'

export interface RouteDoc {
  /** One line. */
  readonly summary: string
  readonly description?: string
  /** Groups operations in the document, such as `Payments`. */
  readonly tag: string
  /** Who may call; `page`: with a session token; none: the route asks for no key. */
  readonly keys: readonly ('client' | 'server' | 'watch' | 'operator' | 'page')[]
  /** What a server key must be good for; without it, none opens the route. */
  readonly scope?: Scope
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** The answer; a text stands for an answer that is no JSON, and names its media type. */
  readonly answer: z.ZodType | `${string}/${string}`
  /** Of a success; 200 unless told. */
  readonly status?: 200 | 201
  /** Takes the header `Idempotency-Key`. */
  readonly isIdempotent?: boolean
  /** Takes the header `Stripe-Account`. */
  readonly takesAccount?: boolean
  /** Takes the header `Tollbridge-Customer-Token`. */
  readonly takesCustomerToken?: boolean
  /** Takes the headers with which a client shows to be the payer. */
  readonly takesProof?: boolean
}

declare module 'fastify' {
  interface FastifyContextConfig {
    doc?: RouteDoc
  }
}
