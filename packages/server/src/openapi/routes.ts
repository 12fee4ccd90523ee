/** `GET /v1/openapi.json`: the document of this very server. */
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { buildDocument } from './build-document.ts'
import type { CollectedRoute } from './collect-routes.ts'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

/** @param routes all of the scope, also those that are registered later. */
export function registerOpenApiRoute(scope: FastifyInstance, routes: readonly CollectedRoute[]): void {
  let document: ReturnType<typeof buildDocument> | null = null
  const doc = {
    summary: 'This document',
    tag: 'About',
    keys: [],
    answer: z.looseObject({ openapi: z.string() }),
  } as const
  scope.get('/v1/openapi.json', { config: { doc } }, async () => {
    document ??= buildDocument(routes, { version })
    return document
  })
}
