/** `/v1/admin`: the record of calls to Stripe, and the rules of each server key. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ChangedBy } from '../access/actor.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { PassthroughAuditStore, StripeCall } from '../store/passthrough-audit-store.ts'
import type { KeyRulesService, ShownRules } from './key-rules.ts'
import { callsQuerySchema, rulesAnswerSchema, rulesBodySchema, stripeCallSchema } from './schema.ts'

type Admin =
  | { readonly role: 'operator'; readonly by: ChangedBy }
  | { readonly role: 'server'; readonly appId: string; readonly by: ChangedBy }

/** What the routes ask about who asks. */
export interface AdminGate {
  adminOf(request: FastifyRequest): Promise<Admin>
  /** Throws `operator_key_required`. */
  operatorOf(request: FastifyRequest): Promise<ChangedBy>
  /** Throws `operator_key_required` when the app is not theirs. */
  assertMayAdminister(admin: Pick<Admin, 'role'> & { readonly appId?: string }, appId: string): void
}

export interface PassthroughAdminDeps {
  readonly gate: AdminGate
  readonly audit: Pick<PassthroughAuditStore, 'list'>
  readonly keyRules: Pick<KeyRulesService, 'show' | 'change'>
  /** Reads the apps and their keys anew. */
  reloadApps(): Promise<void>
}

const CALLS = '/v1/admin/stripe_calls'
const RULES = '/v1/admin/apps/:appId/server_keys/:keyId/passthrough'

interface OfKey {
  Params: { appId: string; keyId: string }
}

const docs = {
  calls: {
    summary: 'List the calls that apps’ servers made to Stripe',
    tag: 'Stripe',
    keys: ['operator', 'server'],
    scope: 'admin',
    query: callsQuerySchema,
    answer: z.object({
      object: z.literal('list'),
      url: z.string(),
      has_more: z.boolean(),
      data: z.array(stripeCallSchema),
    }),
  },
  show: {
    summary: 'Retrieve the rules that say which calls to Stripe a server key may make',
    tag: 'Stripe',
    keys: ['operator', 'server'],
    scope: 'admin',
    answer: rulesAnswerSchema,
  },
  change: {
    summary: 'Change which calls to Stripe a server key may make',
    tag: 'Stripe',
    keys: ['operator'],
    body: rulesBodySchema,
    answer: rulesAnswerSchema,
  },
} satisfies Record<string, RouteDoc>

export function registerPassthroughAdminRoutes(fastify: FastifyInstance, deps: PassthroughAdminDeps): void {
  const { gate, audit, keyRules } = deps

  fastify.get(CALLS, { config: { doc: docs.calls } }, async (request) => {
    const admin = await gate.adminOf(request)
    const query = parseBody(callsQuerySchema, request.query)
    const appId = query.app_id ?? (admin.role === 'server' ? admin.appId : null)
    if (appId !== null) gate.assertMayAdminister(admin, appId)
    const found = await audit.list({
      appId,
      keyId: query.key ?? null,
      method: query.method ?? null,
      pathStart: query.path ?? null,
      outcome: query.outcome ?? null,
      startedFrom: query['created[gte]'] ?? null,
      startedBefore: query['created[lt]'] ?? null,
      before: query.starting_after ?? null,
      limit: query.limit + 1,
    })
    const data = found.slice(0, query.limit).map(callJson)
    return { object: 'list', url: CALLS, has_more: found.length > query.limit, data }
  })

  fastify.get<OfKey>(RULES, { config: { doc: docs.show } }, async (request) => {
    const { appId, keyId } = request.params
    gate.assertMayAdminister(await gate.adminOf(request), appId)
    await deps.reloadApps()
    return rulesJson(await keyRules.show(appId, keyId))
  })

  /** Only an operator: a key that could widen its own rules would have none. */
  fastify.post<OfKey>(RULES, { config: { doc: docs.change } }, async (request) => {
    const by = await gate.operatorOf(request)
    const { appId, keyId } = request.params
    const { rules } = parseBody(rulesBodySchema, request.body)
    await deps.reloadApps()
    return rulesJson(await keyRules.change(appId, keyId, rules, by))
  })
}

function callJson(call: StripeCall): z.output<typeof stripeCallSchema> {
  return {
    object: 'stripe_call',
    id: `call_${call.number}`,
    app_id: call.appId,
    key: call.keyId,
    method: call.method,
    path: call.path,
    stripe_account: call.account,
    outcome: call.outcome,
    status: call.status,
    error: call.error,
    stripe_request_id: call.stripeRequestId,
    idempotency_key: call.idempotencyKey,
    created: inSeconds(call.startedAt),
    duration_ms: call.endedAt === null ? null : Math.max(0, call.endedAt - call.startedAt),
    bytes_sent: call.bytesSent,
    bytes_received: call.bytesReceived,
  }
}

function rulesJson({
  appId,
  keyId,
  rules,
  inFull,
  changedAt,
}: ShownRules): z.output<typeof rulesAnswerSchema> {
  return {
    object: 'passthrough_rules',
    app_id: appId,
    key: keyId,
    rules: [...rules],
    in_full: [...inFull],
    changed: changedAt === null ? null : inSeconds(changedAt),
  }
}

function inSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}
