/** Who changed what of an app: one row a change, in the commit of the change. */
import type { Migration } from './migration.ts'

export const auditTrail: Migration = {
  number: 16,
  name: 'audit-trail',
  sql: `
    CREATE TABLE audit_trail (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      app_id TEXT,
      actor_kind TEXT NOT NULL,
      actor_id TEXT,
      address TEXT,
      action TEXT NOT NULL,
      target TEXT,
      details TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audit_trail_app ON audit_trail (app_id, number);
  `,
}
