/** `Data.of("StripeEvents")`: reads in the POST and the older GET form; every write is refused. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ServiceError } from '../../errors.ts'
import { STRIPE_EVENTS_TABLE } from '../../store/event-columns.ts'
import type { StripeEventRow } from '../../store/stripe-event-row.ts'
import { type GivenParameters, parseColumns, parseDataQuery } from './data-query.ts'
import { describeStripeEvents } from './describe-stripe-events.ts'
import { countRows, findByColumns, findEdge } from './few-rows.ts'
import type { StripeEventReader } from './read-stripe-events.ts'
import { callerOf } from './root-form.ts'
import { assertStripeEvents, noGrouping, noRelations, readOnlyTable } from './table-refusals.ts'

type TableRequest = FastifyRequest<{ Params: { table: string } }>

export function registerDataRoutes(scope: FastifyInstance, reader: StripeEventReader): void {
  scope.register(
    async (data) => {
      data.addHook('preHandler', async (request) =>
        assertStripeEvents((request as TableRequest).params.table),
      )
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

  data.get('/first', async (request) => edgeOf(reader, request, 'asc'))

  data.get('/last', async (request) => edgeOf(reader, request, 'desc'))

  data.get('/properties', async () => describeStripeEvents())

  data.get('/pk', async (request) => findByColumns(reader, callerOf(request, 'read'), queryOf(request)))

  data.get<{ Params: { objectId: string } }>('/:objectId', async (request) =>
    reader.findById(callerOf(request, 'read'), request.params.objectId, parseColumns(queryOf(request))),
  )

  data.get('/:objectId/:relation', async () => {
    throw noRelations()
  })
}

/** Unlike the POST form, which answers an empty list, an empty table is an error here, as old clients expect. */
async function edgeOf(
  reader: StripeEventReader,
  request: FastifyRequest,
  direction: 'asc' | 'desc',
): Promise<StripeEventRow> {
  const row = await findEdge(reader, callerOf(request, 'read'), queryOf(request), direction)
  if (row !== null) return row
  throw new ServiceError('object_not_found', { message: 'No row of StripeEvents fits the query.' })
}

/** Saves, updates, deletes, relations and bulk forms, whoever asks: only Stripe's events make rows. */
function refuseWrites(scope: FastifyInstance): void {
  const refuse = async (request: FastifyRequest): Promise<never> => {
    const [first = '', second = ''] = (request.params as { readonly '*': string })['*'].split('/')
    if (first === 'data-grouping') throw noGrouping()
    const table = first === 'bulk' || first === 'bulkupsert' ? second : first
    assertStripeEvents(table)
    throw readOnlyTable()
  }
  scope.route({ method: ['POST', 'PUT', 'PATCH', 'DELETE'], url: '/data/*', handler: refuse })
  scope.post('/transaction/unit-of-work', async () => {
    throw new ServiceError('operation_not_allowed', {
      message: `Transactions are not offered: the table ${STRIPE_EVENTS_TABLE} is read-only, and one find reads it.`,
    })
  })
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
