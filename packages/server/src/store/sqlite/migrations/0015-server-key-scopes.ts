/** Server keys with scopes, a name, their maker and their time. Keys that are there keep all but `admin`. */
import type { Migration } from './migration.ts'

export const serverKeyScopes: Migration = {
  number: 15,
  name: 'server-key-scopes',
  sql: `
    ALTER TABLE app_server_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
    ALTER TABLE app_server_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT 'read payments refunds ui';
    ALTER TABLE app_server_keys ADD COLUMN made_by TEXT;
    ALTER TABLE app_server_keys ADD COLUMN created_at INTEGER;
    ALTER TABLE app_server_keys ADD COLUMN last_four TEXT;
  `,
}
