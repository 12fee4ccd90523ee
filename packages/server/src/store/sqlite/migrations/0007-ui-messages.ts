/** Messages for pages, the callbacks that ended them, and who is connected. */
import type { Migration } from './migration.ts'

export const uiMessages: Migration = {
  number: 7,
  name: 'ui-messages',
  sql: `
    CREATE TABLE ui_messages (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      app_id TEXT NOT NULL,
      original TEXT NOT NULL,
      callbacks TEXT NOT NULL,
      users TEXT NOT NULL,
      tab TEXT,
      instance TEXT,
      request_key TEXT,
      fingerprint TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      state TEXT NOT NULL CHECK
        (state IN ('queued', 'delivered', 'claimed', 'settled', 'canceled', 'expired', 'undeliverable')),
      claimed_by TEXT,
      ended_at INTEGER,
      change INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX ui_messages_request_key ON ui_messages (app_id, request_key)
      WHERE request_key IS NOT NULL;
    CREATE INDEX ui_messages_change ON ui_messages (change);
    CREATE INDEX ui_messages_expires_at ON ui_messages (expires_at) WHERE ended_at IS NULL;
    CREATE INDEX ui_messages_ended_at ON ui_messages (ended_at) WHERE ended_at IS NOT NULL;
    CREATE INDEX ui_messages_instance ON ui_messages (app_id, instance, change)
      WHERE instance IS NOT NULL AND ended_at IS NOT NULL;

    -- A row goes when its message ends, so that a page that connects reads what is open and no more.
    CREATE TABLE ui_recipients (
      app_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      message_sequence INTEGER NOT NULL REFERENCES ui_messages (sequence) ON DELETE CASCADE,
      PRIMARY KEY (app_id, user_id, message_sequence)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ui_recipients_message ON ui_recipients (message_sequence);

    CREATE TABLE ui_callbacks (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      app_id TEXT NOT NULL,
      message_id TEXT NOT NULL UNIQUE REFERENCES ui_messages (id) ON DELETE CASCADE,
      callback TEXT NOT NULL,
      data TEXT NOT NULL,
      verified INTEGER NOT NULL,
      page TEXT NOT NULL,
      handler TEXT,
      handler_data TEXT NOT NULL,
      instance TEXT,
      state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
      error TEXT,
      deliveries INTEGER NOT NULL,
      lease_token TEXT,
      due_at INTEGER
    ) STRICT;
    CREATE INDEX ui_callbacks_due ON ui_callbacks (app_id, due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX ui_callbacks_lease ON ui_callbacks (lease_token) WHERE lease_token IS NOT NULL;

    CREATE TABLE ui_presences (
      holder TEXT PRIMARY KEY,
      app_id TEXT NOT NULL,
      user_id TEXT,
      tab TEXT,
      instance TEXT,
      until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ui_presences_user ON ui_presences (app_id, user_id) WHERE user_id IS NOT NULL;
    CREATE INDEX ui_presences_instance ON ui_presences (app_id, instance) WHERE instance IS NOT NULL;
    CREATE INDEX ui_presences_until ON ui_presences (until);

    -- One row: the number of the last change of any message. A reader that has seen it has seen all before it.
    CREATE TABLE ui_changes (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      change INTEGER NOT NULL
    ) STRICT;
    INSERT INTO ui_changes (only_row, change) VALUES (1, 0);
  `,
}
