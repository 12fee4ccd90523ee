/** The payments folded from events, the alarms, and how far the comparison with Stripe's events has come. */
import type { Migration } from './migration.ts'

export const payments: Migration = {
  number: 3,
  name: 'payments',
  sql: `
    CREATE TABLE payments (
      app_id TEXT NOT NULL,
      id TEXT NOT NULL,
      account TEXT,
      order_id TEXT,
      status TEXT NOT NULL,
      amount INTEGER NOT NULL,
      amount_capturable INTEGER NOT NULL,
      amount_received INTEGER NOT NULL,
      amount_refunded INTEGER NOT NULL,
      currency TEXT NOT NULL,
      charge_id TEXT,
      customer_id TEXT,
      livemode INTEGER NOT NULL,
      dispute_id TEXT,
      dispute_status TEXT,
      last_error TEXT,
      created INTEGER NOT NULL,
      updated INTEGER NOT NULL,
      needs_reread INTEGER NOT NULL,
      evidence TEXT NOT NULL,
      last_position INTEGER NOT NULL,
      checked_position INTEGER NOT NULL,
      fulfilled_at INTEGER,
      poll_at INTEGER,
      polls INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX payments_id ON payments (app_id, id);
    CREATE INDEX payments_created ON payments (app_id, created, id);
    CREATE INDEX payments_order_id ON payments (app_id, order_id) WHERE order_id IS NOT NULL;
    CREATE INDEX payments_charge_id ON payments (app_id, charge_id) WHERE charge_id IS NOT NULL;
    CREATE INDEX payments_customer_id ON payments (app_id, customer_id, created) WHERE customer_id IS NOT NULL;
    CREATE INDEX payments_unfulfilled ON payments (app_id, created, id)
      WHERE status = 'succeeded' AND fulfilled_at IS NULL;
    CREATE INDEX payments_poll ON payments (poll_at) WHERE poll_at IS NOT NULL;
    CREATE INDEX payments_unchecked ON payments (last_position) WHERE checked_position < last_position;
    -- As for the events: an order, a charge or a customer has few payments, whatever the app has. Without it, a search
    -- for one of them would rather walk all payments of the app, the newest first.
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
      ('payments', 'payments_id', '1000000 500000 1'),
      ('payments', 'payments_created', '1000000 500000 2 1'),
      ('payments', 'payments_order_id', '500000 250000 1'),
      ('payments', 'payments_charge_id', '900000 450000 1'),
      ('payments', 'payments_customer_id', '500000 250000 4 1'),
      ('payments', 'payments_unfulfilled', '100000 50000 2 1'),
      ('payments', 'payments_poll', '1000 2'),
      ('payments', 'payments_unchecked', '1000 1');
    ANALYZE sqlite_schema;

    CREATE TABLE alarms (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      app_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      message TEXT NOT NULL,
      first_seen INTEGER NOT NULL,
      last_seen INTEGER NOT NULL,
      count INTEGER NOT NULL,
      cleared_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX alarms_subject ON alarms (app_id, kind, subject);

    CREATE TABLE repair_progress (
      app_id TEXT NOT NULL PRIMARY KEY,
      stripe_created INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
}
