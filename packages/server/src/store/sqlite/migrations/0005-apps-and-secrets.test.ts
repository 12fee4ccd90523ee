/** A database of the first version keeps its apps, and the next start finds the watch key to seal. */
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { migrate } from '../migrate.ts'
import { eventsAndApps } from './0001-events-and-apps.ts'

const clock = { now: () => 1_790_000_000_000 }

test('the watch signing key moves from the apps to the secrets, for the next start to seal', () => {
  const database = new DatabaseSync(':memory:')
  migrate(database, { autoMigrate: true, clock, migrations: [eventsAndApps] })
  const key = Uint8Array.from({ length: 32 }, (_, index) => index * 7)
  database
    .prepare('INSERT INTO apps (app_id, mode, watch_signing_key, created_at) VALUES (?, ?, ?, ?)')
    .run('app_1', 'sandbox', key, 5)
  migrate(database, { autoMigrate: true, clock })
  expect({ ...database.prepare('SELECT app_id, mode, origin, name, created_at FROM apps').get() }).toEqual({
    app_id: 'app_1',
    mode: 'sandbox',
    origin: 'environment',
    name: '',
    created_at: 5,
  })
  expect({ ...database.prepare('SELECT app_id, name, value FROM secrets').get() }).toEqual({
    app_id: 'app_1',
    name: 'watch_signing_key',
    value: `plain:${Buffer.from(key).toString('hex')}`,
  })
  const columns = database.prepare('PRAGMA table_info(apps)').all()
  expect(columns.map(({ name }) => name)).not.toContain('watch_signing_key')
})
