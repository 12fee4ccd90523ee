/** Stripe objects exactly as they look on the wire, kept in SQLite in the order they were created. */
import type { SQLInputValue } from 'node:sqlite'
import type { Database } from './database.ts'
import type { AnyStored, Hidden, Kind, StoredObjects } from './stored-objects.ts'

export interface CreatedRange {
  gt?: number | undefined
  gte?: number | undefined
  lt?: number | undefined
  lte?: number | undefined
}

export interface ListQuery {
  kind: Kind
  /** Field path inside the object (`customer`, `data.object.id`) to the value it must have. */
  where?: Record<string, string | boolean | undefined>
  created?: CreatedRange | undefined
  /** A further condition in SQL on `objects`, with its parameters. */
  also?: { sql: string; values: SQLInputValue[] } | undefined
  limit: number
  startingAfter?: string | undefined
  endingBefore?: string | undefined
}

export interface ObjectStore {
  get<K extends Kind>(kind: K, id: string): StoredObjects[K] | undefined
  /** The object with this id, of whatever kind. */
  find(id: string): AnyStored | undefined
  hidden(id: string): Hidden
  /** Inserts or replaces; `hidden` is merged into what was hidden before. */
  put(object: AnyStored, hidden?: Hidden): void
  remove(id: string): void
  /** Newest first; `hasMore` tells whether the direction of travel goes on. */
  list<K extends Kind>(query: ListQuery & { kind: K }): { objects: StoredObjects[K][]; hasMore: boolean }
}

// The fields that lists are filtered by most have columns, and indexes, of their own.
const COLUMNS = ['customer', 'payment_intent', 'charge']

const RANGE = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

export function createObjectStore({ sql }: Database): ObjectStore {
  const selectBody = sql.prepare('select kind, body from objects where id = ?')
  const selectHidden = sql.prepare('select hidden from objects where id = ?')
  const selectSeq = sql.prepare('select seq from objects where id = ?')
  const upsert = sql.prepare(
    `insert into objects (id, kind, created, customer, payment_intent, charge, body, hidden)
     values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (id) do update set customer = excluded.customer, payment_intent = excluded.payment_intent,
       charge = excluded.charge, body = excluded.body, hidden = coalesce(excluded.hidden, objects.hidden)`,
  )
  const remove = sql.prepare('delete from objects where id = ?')
  const listStatements = new Map<string, ReturnType<typeof sql.prepare>>()

  const hidden = (id: string): Hidden => JSON.parse(String(selectHidden.get(id)?.['hidden'] ?? '{}'))

  return {
    get<K extends Kind>(kind: K, id: string) {
      const row = selectBody.get(id)
      return row?.['kind'] === kind ? (JSON.parse(String(row['body'])) as StoredObjects[K]) : undefined
    },
    find(id) {
      const row = selectBody.get(id)
      return row && JSON.parse(String(row['body']))
    },
    hidden,
    put(object, more) {
      const merged = more ? JSON.stringify({ ...hidden(object.id), ...more }) : null
      const created = 'created' in object ? (object.created ?? 0) : 0
      const [customer, intent, charge] = COLUMNS.map((name) => textField(object, name))
      upsert.run(
        object.id,
        object.object,
        created,
        customer ?? null,
        intent ?? null,
        charge ?? null,
        JSON.stringify(object),
        merged,
      )
    },
    remove: (id) => void remove.run(id),
    list<K extends Kind>(query: ListQuery & { kind: K }) {
      const conditions = ['kind = ?']
      const values: SQLInputValue[] = [query.kind]
      for (const [path, value] of Object.entries(query.where ?? {})) {
        if (value === undefined) continue
        conditions.push(COLUMNS.includes(path) ? `${path} = ?` : `json_extract(body, '$.${path}') = ?`)
        values.push(typeof value === 'boolean' ? Number(value) : value)
      }
      for (const [name, operator] of Object.entries(RANGE)) {
        const bound = query.created?.[name as keyof typeof RANGE]
        if (bound === undefined) continue
        conditions.push(`created ${operator} ?`)
        values.push(bound)
      }
      if (query.also) {
        conditions.push(query.also.sql)
        values.push(...query.also.values)
      }
      const backwards = query.endingBefore !== undefined
      const cursor = query.endingBefore ?? query.startingAfter
      if (cursor !== undefined) {
        conditions.push(`seq ${backwards ? '>' : '<'} ?`)
        values.push(Number(selectSeq.get(cursor)?.['seq'] ?? 0))
      }
      const text = `select body from objects where ${conditions.join(' and ')} order by seq ${
        backwards ? 'asc' : 'desc'
      } limit ?`
      let statement = listStatements.get(text)
      if (!statement) {
        statement = sql.prepare(text)
        listStatements.set(text, statement)
      }
      const rows = statement.all(...values, query.limit + 1)
      const objects = rows.slice(0, query.limit).map((row) => JSON.parse(String(row['body'])))
      if (backwards) objects.reverse()
      return { objects, hasMore: rows.length > query.limit }
    },
  }
}

function textField(object: AnyStored, name: string): string | undefined {
  const value = (object as unknown as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : undefined
}
