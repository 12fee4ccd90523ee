/** The secrets on SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import type { SecretChange, SecretStore, StoredSecret } from '../secret-store.ts'
import type { GroupCommit } from './group-commit.ts'
import type { SqliteSchema } from './schema.ts'
import type { AppendAudit } from './sqlite-audit-trail-store.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export interface SqliteSecretStoreDeps {
  readonly database: DatabaseSync
  readonly queries: Kysely<SqliteSchema>
  readonly commits: GroupCommit
  readonly appendAudit: AppendAudit
  /** Empties the write-ahead log. */
  truncateLog(): Promise<void>
}

export function createSqliteSecretStore(deps: SqliteSecretStoreDeps): SecretStore {
  const { database, queries, commits, appendAudit, truncateLog } = deps
  const values = '(app_id, name, value, note, created_at, valid_until) VALUES (?, ?, ?, ?, ?, ?)'
  const put = database.prepare(`INSERT OR REPLACE INTO secrets ${values}`)
  const add = database.prepare(`INSERT INTO secrets ${values} ON CONFLICT DO NOTHING`)
  const remove = database.prepare('DELETE FROM secrets WHERE app_id = ? AND name = ?')
  const reseal = database.prepare('UPDATE secrets SET value = ? WHERE app_id = ? AND name = ? AND value = ?')
  const countChange = database.prepare('UPDATE app_changes SET version = version + 1')

  const row = (secret: StoredSecret) =>
    [secret.appId, secret.name, secret.value, secret.note, secret.createdAt, secret.validUntil] as const

  function applyOne(change: SecretChange): void {
    switch (change.kind) {
      case 'put':
        put.run(...row(change.secret))
        return
      case 'add':
        add.run(...row(change.secret))
        return
      case 'remove':
        remove.run(change.appId, change.name)
        return
      case 'reseal':
        reseal.run(change.to, change.appId, change.name, change.from)
    }
  }

  return {
    async list() {
      try {
        const rows = await queries
          .selectFrom('secrets')
          .selectAll()
          .orderBy('app_id')
          .orderBy('created_at')
          .orderBy('name')
          .execute()
        return rows.map((it) => ({
          appId: it.app_id,
          name: it.name,
          value: it.value,
          note: it.note,
          createdAt: it.created_at,
          validUntil: it.valid_until,
        }))
      } catch (error) {
        throw translateSqliteError(error)
      }
    },

    apply: (changes, audit) =>
      commits.enqueue(() => {
        for (const change of changes) applyOne(change)
        countChange.run()
        appendAudit(audit)
      }),

    // Deleted text is overwritten where it stood (`secure_delete`); the log still has it.
    scrub: truncateLog,
  }
}
