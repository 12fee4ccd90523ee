/** `Backendless.Logging` of older SDKs: taken and let go, so that an app that logs does not fail here. */
import type { FastifyInstance } from 'fastify'

// Nothing is kept: anyone with the client key could fill a log that an operator reads.
export function registerLoggingRoutes(scope: FastifyInstance): void {
  scope.put('/log', async (_request, reply) => reply.code(204).send())
  scope.get('/log/logger', async () => [])
}
