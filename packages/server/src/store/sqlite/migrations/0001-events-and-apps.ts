/** The event log with its handling, the tallies, and the apps with their keys. */
import type { Migration } from './migration.ts'

export const eventsAndApps: Migration = {
  number: 1,
  name: 'events-and-apps',
  sql: `
    CREATE TABLE events (
      position INTEGER PRIMARY KEY AUTOINCREMENT,
      app_id TEXT NOT NULL,
      object_id TEXT NOT NULL,
      event_id TEXT NOT NULL,
      type TEXT NOT NULL,
      id TEXT NOT NULL,
      object_type TEXT,
      charge_id TEXT,
      payment_intent_id TEXT,
      customer_id TEXT,
      order_id TEXT,
      amount INTEGER,
      currency TEXT,
      status TEXT,
      livemode INTEGER NOT NULL,
      api_version TEXT,
      stripe_created INTEGER NOT NULL,
      created INTEGER NOT NULL,
      updated INTEGER,
      owner_id TEXT,
      source TEXT NOT NULL,
      payload TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX events_event_id ON events (app_id, event_id);
    CREATE UNIQUE INDEX events_object_id ON events (app_id, object_id);
    CREATE INDEX events_position ON events (app_id, position, type, created);
    CREATE INDEX events_created ON events (app_id, created, position, type);
    CREATE INDEX events_id ON events (app_id, id);
    CREATE INDEX events_payment_intent_id ON events (app_id, payment_intent_id)
      WHERE payment_intent_id IS NOT NULL;
    CREATE INDEX events_order_id ON events (app_id, order_id) WHERE order_id IS NOT NULL;

    -- What the planner shall believe, whatever the log's size: an app owns most rows, an id very few. Without it, a
    -- search for a few ids would rather walk the whole log of the app in order.
    ANALYZE;
    DELETE FROM sqlite_stat1;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
      ('events', 'events_position', '1000000 500000 1 1 1'),
      ('events', 'events_created', '1000000 500000 1 1 1'),
      ('events', 'events_event_id', '1000000 500000 1'),
      ('events', 'events_object_id', '1000000 500000 1'),
      ('events', 'events_id', '1000000 500000 4'),
      ('events', 'events_payment_intent_id', '800000 400000 4'),
      ('events', 'events_order_id', '500000 250000 4');
    ANALYZE sqlite_schema;

    CREATE TABLE event_handling (
      position INTEGER PRIMARY KEY,
      app_id TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('received', 'handled', 'failed', 'dead')),
      attempts INTEGER NOT NULL,
      lease_token TEXT,
      due_at INTEGER,
      started_at INTEGER,
      handled_at INTEGER
    ) STRICT;
    CREATE INDEX event_handling_due ON event_handling (due_at) WHERE due_at IS NOT NULL;

    CREATE TABLE event_failures (
      position INTEGER NOT NULL,
      number INTEGER NOT NULL,
      app_id TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      failed_at INTEGER NOT NULL,
      error TEXT NOT NULL,
      PRIMARY KEY (position, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE event_tallies (
      app_id TEXT NOT NULL,
      day TEXT NOT NULL,
      type TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (app_id, day, type)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE apps (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      app_id TEXT NOT NULL UNIQUE,
      mode TEXT NOT NULL CHECK (mode IN ('sandbox', 'test', 'live')),
      watch_signing_key BLOB NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE app_client_keys (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      app_id TEXT NOT NULL REFERENCES apps (app_id),
      client_key TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX app_client_keys_app ON app_client_keys (app_id);

    CREATE TABLE app_server_keys (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      app_id TEXT NOT NULL REFERENCES apps (app_id),
      key_hash TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX app_server_keys_app ON app_server_keys (app_id);
  `,
}
