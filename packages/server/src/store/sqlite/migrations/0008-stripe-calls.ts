/** The calls that apps' servers make to Stripe through Tollbridge, and which of them each server key may make. */
import type { Migration } from './migration.ts'

export const stripeCalls: Migration = {
  number: 8,
  name: 'stripe-calls',
  sql: `
    CREATE TABLE stripe_calls (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      app_id TEXT NOT NULL,
      key_id TEXT NOT NULL,
      method TEXT NOT NULL,
      path TEXT NOT NULL,
      account TEXT,
      idempotency_key TEXT,
      started_at INTEGER NOT NULL,
      outcome TEXT NOT NULL CHECK (outcome IN ('unknown', 'answered', 'broken_off', 'not_sent', 'refused')),
      status INTEGER,
      error TEXT,
      stripe_request_id TEXT,
      ended_at INTEGER,
      bytes_sent INTEGER NOT NULL,
      bytes_received INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX stripe_calls_app ON stripe_calls (app_id, number);
    -- Few calls end so, and they are what one looks for.
    CREATE INDEX stripe_calls_odd ON stripe_calls (app_id, outcome, number) WHERE outcome <> 'answered';

    CREATE TABLE passthrough_rules (
      key_hash TEXT PRIMARY KEY,
      app_id TEXT NOT NULL,
      rules TEXT NOT NULL,
      changed_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
}
