/** What tells that the file is an older one than it was: its name, a number that only grows, and the doubts that stand. */
import type { Migration } from './migration.ts'

export const doubtsAndIdentity: Migration = {
  number: 20,
  name: 'doubts-and-identity',
  sql: `
    CREATE TABLE doubts (
      app_id TEXT PRIMARY KEY,
      since INTEGER NOT NULL,
      reason TEXT NOT NULL,
      noted_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- One row. Every commit counts \`sequence\` up; the file tollbridge.mark remembers how far it came.
    CREATE TABLE store_identity (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      id TEXT NOT NULL,
      sequence INTEGER NOT NULL
    ) STRICT;
    INSERT INTO store_identity (only_row, id, sequence) VALUES (1, lower(hex(randomblob(16))), 0);
  `,
}
