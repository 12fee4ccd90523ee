/** `Data.of("StripeEvents")`: reads in the POST and the older GET form; every write is refused. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Principal } from '../../access/principal.ts'
import { ServiceError } from '../../errors.ts'
import { STRIPE_EVENTS_TABLE } from '../../store/event-columns.ts'
import type { StripeEventRow } from '../../store/stripe-event-row.ts'
import { type GivenParameters, parseColumns, parseDataQuery } from './data-query.ts'
import { describeStripeEvents } from './describe-stripe-events.ts'
import { parsePrimaryKey } from './primary-key.ts'
import { objectNotFound, type StripeEventReader } from './read-stripe-events.ts'
import { callerOf } from './root-form.ts'

type TableRequest = FastifyRequest<{ Params: { table: string } }>

export function registerDataRoutes(scope: FastifyInstance, reader: StripeEventReader): void {
  scope.register(
    async (data) => {
      data.addHook('preHandler', async (request) => assertTable(request as TableRequest))
      registerPostForms(data, reader)
      registerGetForms(data, reader)
    },
    { prefix: '/data/:table' },
  )
  refuseWrites(scope)
}

function registerPostForms(data: FastifyInstance, reader: StripeEventReader): void {
  data.post('/find', async (request) =>
    reader.find(callerOf(request, 'read'), parseDataQuery(bodyOf(request))),
  )

  data.post('/count', async (request) => countRows(reader, callerOf(request, 'read'), bodyOf(request)))
}

function registerGetForms(data: FastifyInstance, reader: StripeEventReader): void {
  data.get('', async (request) => reader.find(callerOf(request, 'read'), parseDataQuery(queryOf(request))))

  data.get('/count', async (request) => countRows(reader, callerOf(request, 'read'), queryOf(request)))

  data.get('/first', async (request) => findEdge(reader, request, 'asc'))

  data.get('/last', async (request) => findEdge(reader, request, 'desc'))

  data.get('/properties', async () => describeStripeEvents())

  data.get('/pk', async (request) => {
    const query = queryOf(request)
    const where = parsePrimaryKey(query)
    // Several events can belong to one transaction; the newest says how it stands.
    const page = { where, orderBy: [], limit: 1, offset: 0, columns: parseColumns(query) }
    const [row] = await reader.find(callerOf(request, 'read'), page)
    if (row === undefined) throw objectNotFound(Object.values(query).join(', '))
    return row
  })

  data.get<{ Params: { objectId: string } }>('/:objectId', async (request) =>
    reader.findById(callerOf(request, 'read'), request.params.objectId, parseColumns(queryOf(request))),
  )

  data.get('/:objectId/:relation', async () => {
    throw new ServiceError('parameter_invalid', {
      message: 'StripeEvents has no relations; the whole Stripe event is in the column payload.',
      param: 'relation',
    })
  })
}

async function countRows(reader: StripeEventReader, caller: Principal, given: GivenParameters) {
  const { where } = parseDataQuery({ where: given['where'], groupBy: given['groupBy'] })
  return reader.count(caller, where)
}

/** Unlike the POST form, which answers an empty list, an empty table is an error here, as old clients expect. */
async function findEdge(
  reader: StripeEventReader,
  request: FastifyRequest,
  direction: 'asc' | 'desc',
): Promise<StripeEventRow> {
  const { orderBy, ...query } = parseDataQuery({ ...queryOf(request), pageSize: 1, offset: 0 })
  const order = orderBy.length === 0 ? [{ field: 'created', direction }] : orderBy
  const [row] = await reader.find(callerOf(request, 'read'), { ...query, orderBy: order })
  if (row !== undefined) return row
  throw new ServiceError('object_not_found', { message: 'No row of StripeEvents fits the query.' })
}

function assertTable(request: TableRequest): void {
  const { table } = request.params
  if (table !== STRIPE_EVENTS_TABLE) throw tableUnknown(table)
}

function tableUnknown(table: string): ServiceError {
  return new ServiceError('table_unknown', {
    message: `Table not found by name '${table.slice(0, 100)}'. Make sure the client class referenced in the API call has the same literal name as the table in Backendless console. This server has one table: ${STRIPE_EVENTS_TABLE}.`,
    param: 'table',
  })
}

/** Saves, updates, deletes, relations and bulk forms, whoever asks: only Stripe's events make rows. */
function refuseWrites(scope: FastifyInstance): void {
  const refuse = async (request: FastifyRequest): Promise<never> => {
    const [first = '', second = ''] = (request.params as { readonly '*': string })['*'].split('/')
    if (first === 'data-grouping') {
      throw new ServiceError('parameter_invalid', {
        message: 'Grouping is not offered: read the rows, or ask for the count of a where clause.',
        param: 'groupBy',
      })
    }
    const table = first === 'bulk' || first === 'bulkupsert' ? second : first
    if (table !== STRIPE_EVENTS_TABLE) throw tableUnknown(table)
    throw readOnly(
      `The table ${STRIPE_EVENTS_TABLE} is read-only: its rows are the events that Stripe sends.`,
    )
  }
  scope.route({ method: ['POST', 'PUT', 'PATCH', 'DELETE'], url: '/data/*', handler: refuse })
  scope.post('/transaction/unit-of-work', async () => {
    throw readOnly(
      `Transactions are not offered: the table ${STRIPE_EVENTS_TABLE} is read-only, and one find reads it.`,
    )
  })
}

function readOnly(message: string): ServiceError {
  return new ServiceError('operation_not_allowed', { message })
}

function queryOf(request: FastifyRequest): GivenParameters {
  return request.query as GivenParameters
}

function bodyOf(request: FastifyRequest): GivenParameters {
  const { body } = request
  if (body === undefined || body === null) return {}
  if (typeof body === 'object' && !Array.isArray(body)) return body as GivenParameters
  throw new ServiceError('body_invalid', {
    message: 'The body must be one JSON object such as {"where": "id = \'ch_…\'", "pageSize": 10}.',
  })
}
