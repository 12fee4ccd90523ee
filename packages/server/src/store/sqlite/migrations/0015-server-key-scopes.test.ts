/** A server key of before scopes keeps all that it could do but `admin`, and its rules. */
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { serverKey } from '../app-row.ts'
import { migrate } from '../migrate.ts'
import type { ServerKeyRow } from '../schema.ts'
import { allMigrations } from './all-migrations.ts'

const clock = { now: () => 1_790_000_000_000 }

test('an older server key keeps everything but admin', () => {
  const database = new DatabaseSync(':memory:')
  migrate(database, {
    autoMigrate: true,
    clock,
    migrations: allMigrations.filter(({ number }) => number < 15),
  })
  database.exec("INSERT INTO apps (app_id, mode, created_at) VALUES ('app_1', 'live', 5)")
  database.exec("INSERT INTO app_server_keys (app_id, key_hash) VALUES ('app_1', 'hash-1')")
  database.exec(
    `INSERT INTO passthrough_rules (key_hash, app_id, rules, changed_at) VALUES ('hash-1', 'app_1', '["default"]', 5)`,
  )
  migrate(database, { autoMigrate: true, clock })
  const row = database.prepare('SELECT * FROM app_server_keys').get()
  expect(serverKey(row as unknown as Parameters<typeof serverKey>[0] & ServerKeyRow)).toEqual({
    hash: 'hash-1',
    name: '',
    scopes: ['read', 'payments', 'refunds', 'ui'],
    madeBy: null,
    createdAt: null,
    lastFour: null,
  })
  expect(database.prepare('SELECT rules FROM passthrough_rules').get()).toMatchObject({
    rules: '["default"]',
  })
})
