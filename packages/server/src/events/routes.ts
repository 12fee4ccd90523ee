/** `/v1/events`: the stored history of an app. */
import { pinnedLiterals, TRANSACTION_PINS } from '@tollbridge/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type ClientPayloads, payloadView } from '../access/payload-view.ts'
import type { Principal } from '../access/principal.ts'
import { assertMayRead, type ReadPolicy } from '../access/read-access.ts'
import { withinScope } from '../access/scope-condition.ts'
import { ServiceError } from '../errors.ts'
import type { EventQuery, EventStore, FlagFilter, StoredEvent } from '../store/event-store.ts'
import { listEventsDoc, retrieveEventDoc, talliesDoc } from './docs.ts'
import { eventJson } from './event-json.ts'
import { eventWhere } from './event-where.ts'
import { type ListQuery, listQuerySchema, parseQuery, talliesQuerySchema } from './schema.ts'

export interface EventRoutesDeps {
  readonly events: Pick<EventStore, 'page' | 'findByEventId' | 'handling' | 'tallies'>
  authenticate(request: FastifyRequest): Promise<Principal>
  readonly policy: ReadPolicy
  /** What client keys and watch tokens see of an event. */
  readonly clientPayloads: ClientPayloads
}

/** Where a list without a place starts: behind the newest event. */
const END_OF_LOG = Number.MAX_SAFE_INTEGER

/** What does not concern the app is the operator's business alone. */
function flagOf({ flag }: Pick<ListQuery, 'flag'>, { role }: Principal): FlagFilter {
  if (flag === undefined) return 'none'
  if (role === 'server') return flag
  throw new ServiceError('server_key_required', {
    message: 'Flagged events are shown to a server key (tbk_…) only: leave out the parameter flag.',
  })
}

function stateOf({ state }: Pick<ListQuery, 'state'>, { role }: Principal): Pick<EventQuery, 'state'> {
  if (state === undefined) return {}
  if (role === 'server') return { state }
  throw new ServiceError('server_key_required', {
    message: 'How handling went is told to a server key (tbk_…) only: leave out the parameter state.',
  })
}

export function registerEventRoutes(fastify: FastifyInstance, deps: EventRoutesDeps): void {
  const { events, authenticate, policy, clientPayloads } = deps

  async function authenticateServer(request: FastifyRequest): Promise<Principal> {
    const principal = await authenticate(request)
    if (principal.role === 'server') return principal
    throw new ServiceError('server_key_required', {
      message:
        'This route takes a server key (tbk_…); a client key reads GET /v1/events with a where clause.',
    })
  }

  /** Newest first, or from `after` on in the order of the log. */
  fastify.get('/v1/events', { config: { doc: listEventsDoc } }, async (request) => {
    const principal = await authenticate(request)
    const query = parseQuery(listQuerySchema, request.query)
    const asked = eventWhere(query)
    const pins = asked === null ? new Map() : pinnedLiterals(asked, TRANSACTION_PINS)
    const where = withinScope(asked, assertMayRead(principal, pins, policy))
    const place = query.after === undefined ? { before: query.before ?? END_OF_LOG } : { after: query.after }
    // One more than asked for tells whether there are more.
    const { appId } = principal
    const found = await events.page({
      appId,
      flag: flagOf(query, principal),
      ...stateOf(query, principal),
      where,
      limit: query.limit + 1,
      ...place,
    })
    const view = payloadView(principal, clientPayloads)
    const shown = found.slice(0, query.limit)
    const withHandling = async (event: StoredEvent) => ({
      ...eventJson(event, view),
      handling: await events.handling(event.position),
    })
    return {
      object: 'list',
      url: '/v1/events',
      has_more: found.length > query.limit,
      data:
        query.state === undefined
          ? shown.map((event) => eventJson(event, view))
          : await Promise.all(shown.map(withHandling)),
    }
  })

  fastify.get('/v1/events/tallies', { config: { doc: talliesDoc } }, async (request) => {
    const { appId } = await authenticateServer(request)
    const { from, to } = parseQuery(talliesQuerySchema, request.query)
    const data = await events.tallies(appId, { from, to })
    return { object: 'list', url: '/v1/events/tallies', has_more: false, data }
  })

  fastify.get<{ Params: { eventId: string } }>(
    '/v1/events/:eventId',
    { config: { doc: retrieveEventDoc } },
    async (request) => {
      const principal = await authenticateServer(request)
      const { appId } = principal
      const { eventId } = request.params
      const event = await events.findByEventId(appId, eventId)
      if (event === null) {
        throw new ServiceError('resource_missing', {
          message: `There is no event ${eventId} in this app's log.`,
        })
      }
      return {
        ...eventJson(event, payloadView(principal, clientPayloads)),
        handling: await events.handling(event.position),
      }
    },
  )
}
