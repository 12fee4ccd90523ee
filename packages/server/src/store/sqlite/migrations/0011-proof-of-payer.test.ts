/** Request keys become digests, by which the same request is still found. */
import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { migrate } from '../migrate.ts'
import { allMigrations } from './all-migrations.ts'

const clock = { now: () => 1_790_000_000_000 }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('a key or a token that came before stands there as a digest', () => {
  const database = new DatabaseSync(':memory:')
  migrate(database, {
    autoMigrate: true,
    clock,
    migrations: allMigrations.filter(({ number }) => number < 11),
  })
  const print = sha256('content')
  const insert = (id: string, requestKey: string | null) =>
    database
      .prepare(
        `INSERT INTO payment_attempts (id, app_id, account, subject, request_key, fingerprint, operation, call_params,
           idempotency_key, state, tries, first_sent_at, last_sent_at, created_at)
         VALUES (?, 'app_1', '', 'order:1', ?, 'print', 'create', '{}', ?, 'failed', 1, 5, 5, 5)`,
      )
      .run(id, requestKey, `key-${id}`)
  insert('att_1', 'key:click-7')
  insert('att_2', `token:tok_1abc:${print}`)
  insert('att_3', null)
  migrate(database, { autoMigrate: true, clock })
  const rows = database.prepare('SELECT request_key, payer FROM payment_attempts ORDER BY sequence').all()
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { request_key: `key:${sha256('click-7')}`, payer: null },
    { request_key: `token:${sha256('tok_1abc')}:${print}`, payer: null },
    { request_key: null, payer: null },
  ])
})
