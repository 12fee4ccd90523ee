/** Routes about what an app is made of: an operator names the app, a server key means its own. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ChangedBy } from '../access/actor.ts'
import type { AppId } from '../access/principal.ts'

export interface AdministeredApp {
  readonly appId: AppId
  readonly by: ChangedBy
}

/**
 * @returns the app that the request is about: `app_id` in the query, else that of the server key, else the default app.
 * Throws what authentication throws, `operator_key_required` for the app of another, and `app_unknown`.
 */
export type AppAdmin = (request: FastifyRequest) => Promise<AdministeredApp>

export const administeredQuery = z.strictObject({
  app_id: z
    .string({ error: 'must be the id of an app' })
    .max(64, { error: 'must be the id of an app' })
    .optional()
    .describe('The app; left out: that of the server key, or the default app for an operator key.'),
})
