/** The apps and their keys on SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import type { AppRecord, AppStore } from '../app-store.ts'
import type { GroupCommit } from './group-commit.ts'
import type { SqliteSchema } from './schema.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export interface SqliteAppStoreDeps {
  readonly database: DatabaseSync
  readonly queries: Kysely<SqliteSchema>
  readonly commits: GroupCommit
}

export function createSqliteAppStore({ database, queries, commits }: SqliteAppStoreDeps): AppStore {
  const insertApp = database.prepare(
    'INSERT INTO apps (app_id, mode, watch_signing_key, created_at) VALUES (?, ?, ?, ?)',
  )
  const insertClientKey = database.prepare('INSERT INTO app_client_keys (app_id, client_key) VALUES (?, ?)')
  const insertServerKey = database.prepare('INSERT INTO app_server_keys (app_id, key_hash) VALUES (?, ?)')
  const selectApp = database.prepare('SELECT 1 FROM apps WHERE app_id = ?')
  const deleteClientKeys = database.prepare('DELETE FROM app_client_keys WHERE app_id = ?')
  const deleteServerKeys = database.prepare('DELETE FROM app_server_keys WHERE app_id = ?')

  function insertKeys(appId: string, keys: Pick<AppRecord, 'clientKeys' | 'serverKeyHashes'>): void {
    for (const key of keys.clientKeys) insertClientKey.run(appId, key)
    for (const hash of keys.serverKeyHashes) insertServerKey.run(appId, hash)
  }

  return {
    async list() {
      try {
        const apps = await queries.selectFrom('apps').selectAll().orderBy('sequence').execute()
        const clientKeys = await queries
          .selectFrom('app_client_keys')
          .selectAll()
          .orderBy('sequence')
          .execute()
        const serverKeys = await queries
          .selectFrom('app_server_keys')
          .selectAll()
          .orderBy('sequence')
          .execute()
        return apps.map((app) => ({
          appId: app.app_id,
          mode: app.mode,
          clientKeys: clientKeys.filter((row) => row.app_id === app.app_id).map((row) => row.client_key),
          serverKeyHashes: serverKeys.filter((row) => row.app_id === app.app_id).map((row) => row.key_hash),
          watchSigningKey: app.watch_signing_key,
          createdAt: app.created_at,
        }))
      } catch (error) {
        throw translateSqliteError(error)
      }
    },

    insert: (record) =>
      commits.enqueue(() => {
        insertApp.run(record.appId, record.mode, record.watchSigningKey, record.createdAt)
        insertKeys(record.appId, record)
      }),

    replaceKeys: (appId, keys) =>
      commits.enqueue(() => {
        if (selectApp.get(appId) === undefined) throw new Error(`There is no app ${appId}`)
        deleteClientKeys.run(appId)
        deleteServerKeys.run(appId)
        insertKeys(appId, keys)
      }),
  }
}
