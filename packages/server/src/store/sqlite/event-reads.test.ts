/** Each query has its index, however large the log grows: what the README's table says. */
import { DatabaseSync } from 'node:sqlite'
import { parseSelector } from '@tollbridge/protocol'
import { expect, test } from 'vitest'
import { unsealedTexts } from '../../secrets/client-secrets.ts'
import type { EventQuery, PageQuery } from '../event-store.ts'
import { createEventReads } from './event-reads.ts'
import { migrate } from './migrate.ts'
import { createQueryBuilder } from './node-sqlite-database.ts'

const database = new DatabaseSync(':memory:')
migrate(database, { autoMigrate: true, clock: { now: () => 0 } })

/** Runs a read of the store and asks SQLite how it went about the statement. */
async function planOf(
  run: (reads: ReturnType<typeof createEventReads>) => Promise<unknown>,
): Promise<string> {
  const plans: string[] = []
  const watched = new Proxy(database, {
    get(target, name) {
      if (name !== 'prepare') return Reflect.get(target, name)
      return (sql: string) => {
        const parameters = Array.from(sql.matchAll(/\?/g), () => null)
        const steps = target.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters)
        plans.push(...steps.map(({ detail }) => String(detail)))
        return target.prepare(sql)
      }
    },
  })
  await run(createEventReads(createQueryBuilder(watched), unsealedTexts))
  return plans.join('\n')
}

function whereClause(text: string) {
  const outcome = parseSelector(text)
  if (!outcome.ok) throw new Error(outcome.error.message)
  return outcome.expression
}

const find: EventQuery = { appId: 'app_1', where: null, orderBy: [], limit: 100, offset: 0 }
const page: PageQuery = { appId: 'app_1', where: null, limit: 100, after: 5 }

test.each([
  ["id = 'ch_1'", /INDEX events_id \(app_id=\? AND id=\?\)/],
  ["id IN ('ch_1', 'ch_2')", /INDEX events_id \(app_id=\? AND id=\?\)/],
  ["id = 'ch_1' AND type LIKE 'charge.%' AND amount > 5", /INDEX events_id/],
  ["id = 'ch_1' OR paymentIntentId = 'pi_1'", /MULTI-INDEX OR/],
  ["paymentIntentId = 'pi_1'", /INDEX events_payment_intent_id/],
  ["customerId = 'cus_1'", /INDEX events_customer_id/],
  ["orderId = 'order-1'", /INDEX events_order_id/],
  ["eventId = 'evt_1'", /INDEX events_event_id/],
  ["objectId = 'x'", /INDEX events_object_id/],
  ['created >= 1790000000000', /INDEX events_created \(app_id=\? AND created>\?\)$/],
  ["created >= 1790000000000 AND id IN ('ch_1', 'ch_2')", /INDEX events_id/],
  ["type = 'charge.failed'", /INDEX events_created \(app_id=\?\)$/],
])('where %s', async (where, expected) => {
  expect(await planOf((reads) => reads.find({ ...find, where: whereClause(where) }))).toMatch(expected)
})

test('the newest are read off the end of an index, without sorting', async () => {
  expect(await planOf((reads) => reads.find(find))).toMatch(/INDEX events_created \(app_id=\?\)$/)
})

test('a page is read from its place on, without sorting', async () => {
  expect(await planOf((reads) => reads.page(page))).toMatch(
    /INDEX events_position \(app_id=\? AND position>\?\)$/,
  )
})

test('a page of a client is read by its transaction', async () => {
  const where = whereClause("id IN ('ch_1', 'ch_2')")
  expect(await planOf((reads) => reads.page({ ...page, where }))).toMatch(/INDEX events_id/)
  const one = whereClause("paymentIntentId = 'pi_1'")
  expect(await planOf((reads) => reads.page({ ...page, where: one }))).toMatch(
    /INDEX events_payment_intent_id \(app_id=\? AND payment_intent_id=\? AND rowid>\?\)$/,
  )
})

test('single events are looked up', async () => {
  expect(await planOf((reads) => reads.findByObjectId('app_1', 'x'))).toMatch(/INDEX events_object_id/)
  expect(await planOf((reads) => reads.findByEventId('app_1', 'x'))).toMatch(/INDEX events_event_id/)
})

test('flagged events are read off their own index', async () => {
  const of = (flag: 'any' | 'wrong_mode') => planOf((reads) => reads.page({ ...page, flag }))
  expect(await of('wrong_mode')).toMatch(/INDEX events_flag \(app_id=\? AND flag=\? AND position>\?\)/)
  expect(await of('any')).toMatch(/INDEX events_flag|INDEX events_position \(app_id=\? AND position>\?\)/)
})

test('an app is counted without reading its events', async () => {
  expect(await planOf((reads) => reads.count(find))).toMatch(/COVERING INDEX/)
})
