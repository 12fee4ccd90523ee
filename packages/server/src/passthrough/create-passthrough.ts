/** The passthrough put together: Stripe's API for the app's own server, under a server key. */
import type { FastifyInstance } from 'fastify'
import { registerPassthroughRoutes } from './routes.ts'
import { createServeCall, type ServeCallDeps } from './serve-call.ts'

export type PassthroughDeps = ServeCallDeps

export interface Passthrough {
  registerRoutes(fastify: FastifyInstance): void
}

export function createPassthrough(deps: PassthroughDeps): Passthrough {
  const serveCall = createServeCall(deps)
  return {
    registerRoutes: (fastify) => registerPassthroughRoutes(fastify, serveCall),
  }
}
