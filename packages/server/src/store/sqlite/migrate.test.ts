/** Numbered migrations: run once, never guessed, and never against a database of the future. */
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { migrate } from './migrate.ts'
import type { Migration } from './migrations/migration.ts'

const one: Migration = { number: 1, name: 'one', sql: 'CREATE TABLE one (a INTEGER);' }
const two: Migration = { number: 2, name: 'two', sql: 'CREATE TABLE two (a INTEGER);' }
const broken: Migration = {
  number: 3,
  name: 'broken',
  sql: 'CREATE TABLE three (a INTEGER); SELECT nonsense;',
}
const clock = { now: () => 1_790_000_000_000 }

function run(database: DatabaseSync, migrations: readonly Migration[], autoMigrate = true) {
  migrate(database, { autoMigrate, clock, migrations })
}

function applied(database: DatabaseSync) {
  return database
    .prepare('SELECT number, name, applied_at FROM migrations ORDER BY number')
    .all()
    .map((row) => ({ ...row }))
}

test('what is missing is run in order and noted', () => {
  const database = new DatabaseSync(':memory:')
  run(database, [one])
  run(database, [one, two])
  run(database, [one, two])
  expect(applied(database)).toEqual([
    { number: 1, name: 'one', applied_at: clock.now() },
    { number: 2, name: 'two', applied_at: clock.now() },
  ])
  database.exec('SELECT one.a, two.a FROM one, two')
})

test('without automatic migration, opening names what is missing and changes nothing', () => {
  const database = new DatabaseSync(':memory:')
  expect(() => run(database, [one], false)).toThrow(/lacks migration 0001-one and AUTO_MIGRATE is false/)
  run(database, [one])
  expect(() => run(database, [one, two], false)).toThrow(/0002-two/)
  expect(applied(database)).toHaveLength(1)
  run(database, [one], false)
})

test('a database of a newer version is refused', () => {
  const database = new DatabaseSync(':memory:')
  run(database, [one, two])
  expect(() => run(database, [one])).toThrow(/0002-two, which this version does not know/)
})

test('a migration that fails keeps nothing, and those before it stay', () => {
  const database = new DatabaseSync(':memory:')
  expect(() => run(database, [one, two, broken])).toThrow(/Migration 0003-broken failed/)
  expect(applied(database).map(({ number }) => number)).toEqual([1, 2])
  expect(() => database.exec('SELECT * FROM three')).toThrow(/no such table/)
})
