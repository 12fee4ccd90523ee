/** What clients, the console and the log readers ask of the event log, as SQLite queries. */
import type { OrderTerm } from '@tollbridge/protocol'
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { SealedTexts } from '../../secrets/client-secrets.ts'
import { stripeEventFields } from '../event-columns.ts'
import type { EventQuery, EventStore, FlagFilter, HandlingState } from '../event-store.ts'
import { totalOrder } from '../total-order.ts'
import { toStoredEvent } from './event-row.ts'
import { toHandling } from './handling-row.ts'
import type { EventRow, SqliteSchema } from './schema.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'
import { whereSql } from './where-sql.ts'

type EventReads = Pick<
  EventStore,
  'find' | 'page' | 'count' | 'findByObjectId' | 'findByEventId' | 'handling' | 'tallies'
>

export function createEventReads(queries: Kysely<SqliteSchema>, texts: SealedTexts): EventReads {
  const toEvent = (row: EventRow) => toStoredEvent(row, texts)
  const selectEvents = ({
    appId,
    flag,
    state,
    where,
  }: Pick<EventQuery, 'appId' | 'flag' | 'state' | 'where'>) => {
    const ofApp = queries.selectFrom('events').selectAll().where('app_id', '=', appId).where(flagIs(flag))
    const selected = state === undefined ? ofApp : ofApp.where(stateIs(appId, state))
    return where === null ? selected : selected.where(whereSql(where))
  }
  const findOne = async (appId: string, column: 'object_id' | 'event_id', id: string) => {
    const selected = queries.selectFrom('events').selectAll().where('app_id', '=', appId)
    const [row] = await read(selected.where(column, '=', id))
    return row === undefined ? null : toStoredEvent(row, texts)
  }

  return {
    async find({ orderBy, limit, offset, ...query }) {
      const selected = selectEvents(query).limit(limit).offset(offset)
      const ordered = totalOrder(orderBy).reduce((select, term) => select.orderBy(orderTerm(term)), selected)
      return (await read(ordered)).map(toEvent)
    },
    async page(query) {
      const selected = selectEvents(query).limit(query.limit)
      const paged =
        'after' in query
          ? selected.where('position', '>', query.after).orderBy('position')
          : selected.where('position', '<', query.before).orderBy('position', 'desc')
      return (await read(paged)).map(toEvent)
    },
    async count({ appId, flag, state, where }) {
      const ofApp = queries.selectFrom('events').where('app_id', '=', appId).where(flagIs(flag))
      const selected = state === undefined ? ofApp : ofApp.where(stateIs(appId, state))
      const counted = (where === null ? selected : selected.where(whereSql(where))).select(({ fn }) =>
        fn.countAll<number>().as('count'),
      )
      return (await read(counted))[0]?.count ?? 0
    },
    findByObjectId: (appId, objectId) => findOne(appId, 'object_id', objectId),
    findByEventId: (appId, eventId) => findOne(appId, 'event_id', eventId),
    handling: async (position) => {
      const state = queries.selectFrom('event_handling').selectAll().where('position', '=', position)
      const [row] = await read(state)
      if (row === undefined) return null
      const tries = queries
        .selectFrom('event_failures')
        .selectAll()
        .where('position', '=', position)
        .orderBy('number')
      return toHandling(row, await read(tries))
    },
    tallies: async (appId, { from, to }) =>
      read(
        queries
          .selectFrom('event_tallies')
          .select(['day', 'type', 'count'])
          .where('app_id', '=', appId)
          .where('day', '>=', from)
          .where('day', '<=', to)
          .orderBy('day')
          .orderBy('type'),
      ),
  }
}

/** Each form has an index that serves it: events_flag for the flagged few, the others for the rest. */
function flagIs(filter: FlagFilter = 'none'): RawBuilder<SqlBool> {
  if (filter === 'none') return sql<SqlBool>`flag IS NULL`
  if (filter === 'any') return sql<SqlBool>`flag IS NOT NULL`
  return sql<SqlBool>`flag = ${filter}`
}

/** Nearly all are handled, and event_handling_state holds the rest: it serves where the state stands in the text. */
function stateIs(appId: string, state: HandlingState): RawBuilder<SqlBool> {
  const handling = sql`SELECT position FROM event_handling AS h WHERE h.app_id = ${appId} AND h.state = ${sql.lit(state)}`
  return state === 'handled'
    ? sql<SqlBool>`EXISTS (${handling} AND h.position = events.position)`
    : sql<SqlBool>`position IN (${handling})`
}

function orderTerm({ field, direction }: OrderTerm): RawBuilder<unknown> {
  const column = field === 'position' ? field : stripeEventFields[field]?.sql
  if (column === undefined) throw new TypeError(`Check the order before the query: no column ${field}`)
  return sql.raw(`${column} ${direction}`)
}

/** The one place where a failed read becomes an error of ours. */
async function read<Row>(query: { execute(): Promise<Row[]> }): Promise<Row[]> {
  try {
    return await query.execute()
  } catch (error) {
    throw translateSqliteError(error)
  }
}
