/** The lists of payments are served by an index each, however many payments an app has. */
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { createGroupCommit } from './group-commit.ts'
import { migrate } from './migrate.ts'
import { createQueryBuilder } from './node-sqlite-database.ts'
import { createPaymentWrites } from './payment-writes.ts'
import { createSqlitePaymentStore } from './sqlite-payment-store.ts'

const asked: string[] = []

/** Notes the statements on their way to SQLite. */
class ListeningDatabase extends DatabaseSync {
  override prepare(...[sql, ...rest]: Parameters<DatabaseSync['prepare']>) {
    asked.push(sql)
    return super.prepare(sql, ...rest)
  }
}

const database = new ListeningDatabase(':memory:')
migrate(database, { autoMigrate: true, clock: { now: () => 0 } })
const payments = createSqlitePaymentStore({
  database,
  queries: createQueryBuilder(database),
  commits: createGroupCommit(database),
  writes: createPaymentWrites(database),
})
afterAll(() => database.close())

async function planOf(read: () => Promise<unknown>): Promise<string> {
  asked.length = 0
  await read()
  const sql = asked.at(-1)
  if (sql === undefined) throw new Error('Nothing was asked')
  return database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...Array.from(sql.matchAll(/\?/g), () => 1))
    .map((row) => String(row['detail']))
    .join('; ')
}

const after = { created: 5, id: 'pi_1' } as const
const page = { appId: 'app_1', limit: 10 } as const

test.each([
  ['the newest', () => payments.list({ ...page, after }), 'payments_created'],
  ['of a customer', () => payments.list({ ...page, customerId: 'cus_1' }), 'payments_customer_id'],
  ['of an order', () => payments.findByOrder('app_1', 'order-1'), 'payments_order_id'],
  ['of a charge', () => payments.find('app_1', 'ch_1'), 'payments_charge_id'],
  ['unfulfilled', () => payments.unfulfilled({ ...page, after }), 'payments_unfulfilled'],
  ['due for a poll', () => payments.duePolls({ now: 1, limit: 10 }), 'payments_poll'],
  ['unchecked', () => payments.unchecked(10), 'payments_unchecked'],
])('%s', async (_what, read, index) => {
  expect(await planOf(read)).toContain(`USING INDEX ${index}`)
})
