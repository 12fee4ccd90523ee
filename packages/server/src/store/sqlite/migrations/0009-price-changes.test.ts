/** A database with payment attempts keeps them, their order and its counter, and takes changes of price from then on. */
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { migrate } from '../migrate.ts'
import { allMigrations } from './all-migrations.ts'

const clock = { now: () => 1_790_000_000_000 }

test('attempts stay as they were, and one may change a price', () => {
  const database = new DatabaseSync(':memory:')
  const before = allMigrations.filter(({ number }) => number < 9)
  migrate(database, { autoMigrate: true, clock, migrations: before })
  const insert = (id: string, operation: string) =>
    database
      .prepare(
        `INSERT INTO payment_attempts (id, app_id, account, subject, fingerprint, operation, call_params,
           idempotency_key, state, tries, first_sent_at, last_sent_at, created_at)
         VALUES (?, 'app_1', '', 'order:1', 'print', ?, '{}', ?, 'failed', 1, 5, 5, 5)`,
      )
      .run(id, operation, `key-${id}`)
  insert('att_1', 'create')
  insert('att_2', 'confirm')
  database.exec("DELETE FROM payment_attempts WHERE id = 'att_1'")
  expect(() => insert('att_3', 'update')).toThrow(/CHECK/)
  const rows = () => database.prepare('SELECT * FROM payment_attempts ORDER BY sequence').all()
  const kept = rows()
  const upToIt = allMigrations.filter(({ number }) => number <= 9)
  migrate(database, { autoMigrate: true, clock, migrations: upToIt })
  expect(rows()).toEqual(kept)
  insert('att_4', 'update')
  expect(rows().map(({ sequence, id }) => [sequence, id])).toEqual([
    [2, 'att_2'],
    [3, 'att_4'],
  ])
})
