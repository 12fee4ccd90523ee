/** `GET /v1/admin/audit`: who changed what, when and from where. */
import type { FastifyInstance } from 'fastify'
import { ACTOR_KINDS, type ActorKind } from '../access/actor.ts'
import { ServiceError } from '../errors.ts'
import type { AuditRow, AuditTrailStore } from '../store/audit-trail-store.ts'
import type { AdminAccess } from './admin-access.ts'
import { auditDoc } from './docs.ts'
import { auditQuerySchema, parseInput } from './schema.ts'

export interface AuditRoutesDeps {
  readonly access: AdminAccess
  readonly auditTrail: Pick<AuditTrailStore, 'list'>
}

const AUDIT = '/v1/admin/audit'

export function registerAuditRoutes(fastify: FastifyInstance, { access, auditTrail }: AuditRoutesDeps) {
  fastify.get(AUDIT, { config: { doc: auditDoc } }, async (request) => {
    const admin = await access.adminOf(request)
    const query = parseInput(auditQuerySchema, request.query)
    const appId = query.app_id ?? (admin.role === 'server' ? admin.appId : null)
    if (appId !== null) access.assertMayAdminister(admin, appId)
    const { kind, id } = actorOf(query.actor)
    const found = await auditTrail.list({
      appId,
      action: query.action ?? null,
      actorKind: kind,
      actorId: id,
      target: query.target ?? null,
      from: query['created[gte]'] ?? null,
      until: query['created[lt]'] ?? null,
      before: query.starting_after ?? null,
      limit: query.limit + 1,
    })
    const data = found.slice(0, query.limit).map(auditJson)
    return { object: 'list', url: AUDIT, has_more: found.length > query.limit, data }
  })
}

/** `operator`, or `operator:opk_…`. */
function actorOf(text: string | undefined): { readonly kind: ActorKind | null; readonly id: string | null } {
  if (text === undefined) return { kind: null, id: null }
  const [word = '', ...rest] = text.split(':')
  const kind = ACTOR_KINDS.find((it) => it === word)
  if (kind !== undefined) return { kind, id: rest.length === 0 ? null : rest.join(':') }
  throw new ServiceError('parameter_invalid', {
    message: `actor must be one of ${ACTOR_KINDS.join(', ')}, or one of them with an id behind a colon.`,
    param: 'actor',
  })
}

export function auditJson({ number, at, appId, action, actor, address, target, details }: AuditRow) {
  return {
    object: 'audit_entry',
    id: `audit_${number}`,
    created: Math.floor(at / 1000),
    app_id: appId,
    action,
    actor: { kind: actor.kind, id: actor.id },
    address,
    target,
    details,
  }
}
