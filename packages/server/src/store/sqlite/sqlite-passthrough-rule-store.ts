/** The rules of server keys on SQLite, read from the file each time, so that a change counts at once everywhere. */
import type { DatabaseSync } from 'node:sqlite'
import type { PassthroughRuleStore } from '../passthrough-rule-store.ts'
import type { GroupCommit } from './group-commit.ts'
import type { AppendAudit } from './sqlite-audit-trail-store.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export function createSqlitePassthroughRuleStore(
  database: DatabaseSync,
  commits: GroupCommit,
  appendAudit: AppendAudit,
): PassthroughRuleStore {
  const select = database.prepare(
    'SELECT app_id, rules, changed_at FROM passthrough_rules WHERE key_hash = ?',
  )
  const upsert = database.prepare(
    `INSERT INTO passthrough_rules (key_hash, app_id, rules, changed_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (key_hash) DO UPDATE
     SET app_id = excluded.app_id, rules = excluded.rules, changed_at = excluded.changed_at`,
  )
  const drop = database.prepare('DELETE FROM passthrough_rules WHERE key_hash = ?')

  return {
    async get(keyHash) {
      try {
        const row = select.get(keyHash)
        if (row === undefined) return null
        return {
          keyHash,
          appId: String(row['app_id']),
          rules: JSON.parse(String(row['rules'])) as string[],
          changedAt: Number(row['changed_at']),
        }
      } catch (error) {
        throw translateSqliteError(error)
      }
    },
    put: ({ keyHash, appId, rules, changedAt }, audit) =>
      commits.enqueue(() => {
        upsert.run(keyHash, appId, JSON.stringify(rules), changedAt)
        appendAudit(audit)
      }),
    remove: (keyHash, audit) =>
      commits.enqueue(() => {
        drop.run(keyHash)
        appendAudit(audit)
      }),
  }
}
