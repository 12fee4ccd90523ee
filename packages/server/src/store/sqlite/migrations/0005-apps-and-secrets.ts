/** Several apps with Stripe accounts of their own, sealed secrets, operator keys. */
import type { Migration } from './migration.ts'

export const appsAndSecrets: Migration = {
  number: 5,
  name: 'apps-and-secrets',
  sql: `
    CREATE TABLE secrets (
      app_id TEXT NOT NULL,
      name TEXT NOT NULL,
      value TEXT NOT NULL,
      note TEXT,
      created_at INTEGER NOT NULL,
      valid_until INTEGER,
      PRIMARY KEY (app_id, name)
    ) STRICT, WITHOUT ROWID;

    -- SQL cannot seal: the next start does, and then wipes what this leaves behind.
    INSERT INTO secrets (app_id, name, value, created_at)
      SELECT app_id, 'watch_signing_key', 'plain:' || lower(hex(watch_signing_key)), created_at FROM apps;
    ALTER TABLE apps DROP COLUMN watch_signing_key;

    ALTER TABLE apps ADD COLUMN origin TEXT NOT NULL DEFAULT 'environment'
      CHECK (origin IN ('environment', 'admin'));
    ALTER TABLE apps ADD COLUMN name TEXT NOT NULL DEFAULT '';
    ALTER TABLE apps ADD COLUMN currency TEXT;
    ALTER TABLE apps ADD COLUMN publishable_key TEXT;
    ALTER TABLE apps ADD COLUMN stripe_account_id TEXT;
    ALTER TABLE apps ADD COLUMN public_url TEXT;
    ALTER TABLE apps ADD COLUMN api_base TEXT;
    ALTER TABLE apps ADD COLUMN webhook_endpoint_id TEXT;
    ALTER TABLE apps ADD COLUMN disabled_at INTEGER;

    CREATE TABLE operator_keys (
      key_hash TEXT PRIMARY KEY,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- One row: told apart by other processes from what they have read.
    CREATE TABLE app_changes (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      version INTEGER NOT NULL,
      probed_at INTEGER
    ) STRICT;
    INSERT INTO app_changes (only_row, version) VALUES (1, 1);
  `,
}
