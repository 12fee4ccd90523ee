/** The apps and their keys on SQLite. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { Kysely, Selectable } from 'kysely'
import type { ServerKey } from '../../access/server-key.ts'
import { accountHolder, CLAIMING } from '../account-claims.ts'
import {
  type AppKeys,
  type AppRecord,
  type AppSettings,
  type AppStore,
  type AppWrite,
  type KeyChange,
  withDifference,
} from '../app-store.ts'
import type { AuditEntry } from '../audit-trail-store.ts'
import { APP_COLUMNS, appRecord, serverKey, serverKeyRow } from './app-row.ts'
import type { GroupCommit } from './group-commit.ts'
import type { AppRow, ServerKeyRow, SqliteSchema } from './schema.ts'
import type { AppendAudit } from './sqlite-audit-trail-store.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export interface SqliteAppStoreDeps {
  readonly database: DatabaseSync
  readonly queries: Kysely<SqliteSchema>
  readonly commits: GroupCommit
  readonly appendAudit: AppendAudit
}

const NO_KEYS: AppKeys = { clientKeys: [], serverKeys: [] }
const SETTINGS = Object.keys(APP_COLUMNS) as (keyof AppSettings)[]

export function createSqliteAppStore({
  database,
  queries,
  commits,
  appendAudit,
}: SqliteAppStoreDeps): AppStore {
  const columns = SETTINGS.map((setting) => APP_COLUMNS[setting])
  const insertApp = database.prepare(
    `INSERT INTO apps (app_id, mode, origin, created_at, ${columns.join(', ')}) VALUES (?, ?, ?, ?, ${columns.map(() => '?').join(', ')})`,
  )
  const insertClientKey = database.prepare('INSERT INTO app_client_keys (app_id, client_key) VALUES (?, ?)')
  const insertServerKey = database.prepare(
    `INSERT INTO app_server_keys (app_id, key_hash, name, scopes, made_by, created_at, last_four)
     VALUES (:app_id, :key_hash, :name, :scopes, :made_by, :created_at, :last_four)`,
  )
  const selectApp = database.prepare('SELECT 1 FROM apps WHERE app_id = ?')
  const deleteClientKeys = database.prepare('DELETE FROM app_client_keys WHERE app_id = ?')
  const selectClientKeys = database.prepare(
    'SELECT client_key FROM app_client_keys WHERE app_id = ? ORDER BY sequence',
  )
  const deleteClientKey = database.prepare('DELETE FROM app_client_keys WHERE app_id = ? AND client_key = ?')
  const deleteServerKey = database.prepare('DELETE FROM app_server_keys WHERE app_id = ? AND key_hash = ?')
  const selectServerKey = database.prepare('SELECT * FROM app_server_keys WHERE app_id = ? AND key_hash = ?')
  const selectRules = database.prepare('SELECT key_hash, rules FROM passthrough_rules')
  const selectApps = database.prepare('SELECT * FROM apps')
  const updateServerKey = database.prepare(
    'UPDATE app_server_keys SET name = ?, scopes = ? WHERE app_id = ? AND key_hash = ?',
  )
  const insertOperatorKey = database.prepare('INSERT INTO operator_keys (key_hash, created_at) VALUES (?, ?)')
  const deleteOperatorKey = database.prepare('DELETE FROM operator_keys WHERE key_hash = ?')
  const countChange = database.prepare('UPDATE app_changes SET version = version + 1')

  function insertKeys(appId: string, keys: AppKeys): void {
    for (const key of keys.clientKeys) insertClientKey.run(appId, key)
    for (const key of keys.serverKeys) insertServerKey.run(serverKeyRow(appId, key))
  }

  function mustExist(appId: string): void {
    if (selectApp.get(appId) === undefined) throw new Error(`There is no app ${appId}`)
  }

  const counted = (audit: AuditEntry | undefined): void => {
    countChange.run()
    appendAudit(audit)
  }

  const change = (audit: AuditEntry | undefined, write: () => void): Promise<void> =>
    commits.enqueue(() => {
      write()
      counted(audit)
    })

  /** Runs in the transaction of the write: of two processes that take one account, the second finds the first. */
  function holderOf(appId: string, changes: Partial<AppRecord>): string | null {
    const all = (selectApps.all() as unknown as Selectable<AppRow>[]).map((row) => appRecord(row, NO_KEYS))
    const before = all.find((app) => app.appId === appId)
    const app = { ...before, ...changes } as AppRecord
    return CLAIMING.some((setting) => changes[setting] !== undefined) ? accountHolder(app, all) : null
  }

  const claiming = (
    appId: string,
    changes: Partial<AppRecord>,
    audit: AuditEntry | undefined,
    write: () => void,
  ): Promise<AppWrite> =>
    commits.enqueue((): AppWrite => {
      const by = holderOf(appId, changes)
      if (by !== null) return { outcome: 'account_taken', by }
      write()
      counted(audit)
      return { outcome: 'written' }
    })

  /** Client keys are listed in the order of their rows, the current one first. */
  function writeClientKeys(appId: string, keys: readonly string[]): void {
    deleteClientKeys.run(appId)
    for (const key of keys) insertClientKey.run(appId, key)
  }

  function changeKeys(appId: string, it: KeyChange): void {
    switch (it.kind) {
      case 'add_client_key': {
        const held = selectClientKeys.all(appId).map((row) => String(row['client_key']))
        writeClientKeys(appId, [it.key, ...held])
        return
      }
      case 'remove_client_key':
        deleteClientKey.run(appId, it.key)
        return
      case 'replace_client_keys':
        writeClientKeys(appId, it.keys)
        return
      case 'add_server_key':
        insertServerKey.run(serverKeyRow(appId, it.key))
        return
      case 'remove_server_keys':
        for (const hash of it.hashes) deleteServerKey.run(appId, hash)
        return
      case 'change_server_keys':
        for (const difference of it.keys) {
          const row = selectServerKey.get(appId, difference.hash)
          if (row === undefined) continue
          const key = withDifference(serverKey(row as unknown as Selectable<ServerKeyRow>), difference)
          updateServerKey.run(key.name, key.scopes.join(' '), appId, key.hash)
        }
    }
  }

  async function reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      throw translateSqliteError(error)
    }
  }

  return {
    list: () =>
      reading(async () => {
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
        const rules = new Map(
          selectRules.all().map((row) => [row['key_hash'], JSON.parse(String(row['rules'])) as string[]]),
        )
        const withRules = (key: ServerKey): ServerKey => {
          const passthroughRules = rules.get(key.hash)
          return passthroughRules === undefined ? key : { ...key, passthroughRules }
        }
        const ofApp = <Row extends { readonly app_id: string }>(rows: readonly Row[], appId: string) =>
          rows.filter((row) => row.app_id === appId)
        return apps.map((app) =>
          appRecord(app, {
            clientKeys: ofApp(clientKeys, app.app_id).map((row) => row.client_key),
            serverKeys: ofApp(serverKeys, app.app_id).map((row) => withRules(serverKey(row))),
          }),
        )
      }),

    insert: (record, audit) =>
      claiming(record.appId, record, audit, () => {
        const settings = SETTINGS.map((setting) => record[setting])
        insertApp.run(record.appId, record.mode, record.origin, record.createdAt, ...settings)
        insertKeys(record.appId, record)
      }),

    changeKeys: (appId, it, audit) =>
      change(audit, () => {
        mustExist(appId)
        changeKeys(appId, it)
      }),

    update: (appId, changes, audit) =>
      claiming(appId, changes, audit, () => {
        mustExist(appId)
        const changed = SETTINGS.filter((setting) => changes[setting] !== undefined)
        if (changed.length === 0) return
        const values = changed.map((setting) => changes[setting] as SQLInputValue)
        database
          .prepare(
            `UPDATE apps SET ${changed.map((setting) => `${APP_COLUMNS[setting]} = ?`).join(', ')} WHERE app_id = ?`,
          )
          .run(...values, appId)
      }),

    version: () =>
      reading(async () => {
        const row = await queries.selectFrom('app_changes').select('version').executeTakeFirstOrThrow()
        return row.version
      }),

    operatorKeyHashes: () =>
      reading(async () => {
        const rows = await queries
          .selectFrom('operator_keys')
          .select('key_hash')
          .orderBy('created_at')
          .execute()
        return rows.map((row) => row.key_hash)
      }),

    addOperatorKey: (hash, now, audit) => change(audit, () => void insertOperatorKey.run(hash, now)),
    removeOperatorKey: (hash, audit) => change(audit, () => void deleteOperatorKey.run(hash)),
  }
}
