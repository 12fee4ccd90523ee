/** Price policies, the catalog, quote keys and used quotes; the charge guard's counters, blocked cards and the brake. */
import type { Migration } from './migration.ts'

export const pricesAndGuard: Migration = {
  number: 4,
  name: 'prices-and-guard',
  sql: `
    CREATE TABLE price_policies (
      app_id TEXT PRIMARY KEY,
      policy TEXT NOT NULL CHECK (policy IN ('open', 'quote', 'catalog')),
      currencies TEXT,
      allow_open INTEGER NOT NULL,
      updated_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE quote_keys (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      app_id TEXT NOT NULL,
      key_id TEXT NOT NULL UNIQUE,
      created_at INTEGER NOT NULL,
      retires_at INTEGER
    ) STRICT;
    CREATE INDEX quote_keys_app ON quote_keys (app_id);

    CREATE TABLE quote_uses (
      app_id TEXT NOT NULL,
      quote_id TEXT NOT NULL,
      order_id TEXT NOT NULL,
      used_at INTEGER NOT NULL,
      forget_at INTEGER NOT NULL,
      PRIMARY KEY (app_id, quote_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX quote_uses_forget_at ON quote_uses (forget_at);

    CREATE TABLE catalog_items (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      app_id TEXT NOT NULL,
      id TEXT NOT NULL,
      name TEXT NOT NULL,
      prices TEXT NOT NULL,
      active INTEGER NOT NULL,
      max_quantity INTEGER,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX catalog_items_id ON catalog_items (app_id, id);
    CREATE INDEX catalog_items_sequence ON catalog_items (app_id, sequence);

    CREATE TABLE guard_counters (
      app_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      slot_start INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      failures INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      PRIMARY KEY (app_id, kind, subject, slot_start)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX guard_counters_expires_at ON guard_counters (expires_at);

    CREATE TABLE blocked_cards (
      app_id TEXT NOT NULL,
      card TEXT NOT NULL,
      until INTEGER NOT NULL,
      PRIMARY KEY (app_id, card)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX blocked_cards_until ON blocked_cards (app_id, until);

    CREATE TABLE watched_payments (
      app_id TEXT NOT NULL,
      payment_intent_id TEXT NOT NULL,
      subjects TEXT NOT NULL,
      expires_at INTEGER NOT NULL,
      PRIMARY KEY (app_id, payment_intent_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX watched_payments_expires_at ON watched_payments (expires_at);

    CREATE TABLE brakes (
      app_id TEXT PRIMARY KEY,
      is_on INTEGER NOT NULL,
      reason TEXT,
      changed_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
}
