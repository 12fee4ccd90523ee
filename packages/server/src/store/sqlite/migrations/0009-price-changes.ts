/** Lets an attempt change a price: SQLite takes another list of operations only with a new table. */
import type { Migration } from './migration.ts'

export const priceChanges: Migration = {
  number: 9,
  name: 'price-changes',
  sql: `
    CREATE TABLE payment_attempts_new (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      app_id TEXT NOT NULL,
      account TEXT NOT NULL,
      subject TEXT NOT NULL,
      request_key TEXT,
      fingerprint TEXT NOT NULL,
      order_id TEXT,
      terms TEXT,
      operation TEXT NOT NULL
        CHECK (operation IN ('create', 'update', 'confirm', 'capture', 'cancel', 'refund')),
      call_intent TEXT,
      call_params TEXT NOT NULL,
      idempotency_key TEXT NOT NULL UNIQUE,
      state TEXT NOT NULL CHECK (state IN ('open', 'succeeded', 'requires_action', 'processing', 'failed')),
      payment_intent_id TEXT,
      charge_id TEXT,
      refund_id TEXT,
      payment_status TEXT,
      failure TEXT,
      tries INTEGER NOT NULL,
      first_sent_at INTEGER NOT NULL,
      last_sent_at INTEGER NOT NULL,
      last_error TEXT,
      lease_token TEXT,
      due_at INTEGER,
      is_owed INTEGER NOT NULL DEFAULT 0,
      created_at INTEGER NOT NULL,
      finished_at INTEGER
    ) STRICT;
    INSERT INTO payment_attempts_new SELECT
      sequence, id, app_id, account, subject, request_key, fingerprint, order_id, terms, operation, call_intent,
      call_params, idempotency_key, state, payment_intent_id, charge_id, refund_id, payment_status, failure, tries,
      first_sent_at, last_sent_at, last_error, lease_token, due_at, is_owed, created_at, finished_at
    FROM payment_attempts ORDER BY sequence;
    DROP TABLE payment_attempts;
    ALTER TABLE payment_attempts_new RENAME TO payment_attempts;
    CREATE UNIQUE INDEX payment_attempts_request_key ON payment_attempts (app_id, account, request_key)
      WHERE request_key IS NOT NULL;
    -- One attempt at a time for an order or a payment, whoever asks.
    CREATE UNIQUE INDEX payment_attempts_open ON payment_attempts (app_id, account, subject) WHERE state = 'open';
    CREATE INDEX payment_attempts_due ON payment_attempts (due_at) WHERE state = 'open';
    CREATE INDEX payment_attempts_owed ON payment_attempts (app_id, account, subject) WHERE is_owed = 1;
    CREATE INDEX payment_attempts_intent ON payment_attempts (app_id, payment_intent_id)
      WHERE payment_intent_id IS NOT NULL;
    CREATE INDEX payment_attempts_order ON payment_attempts (app_id, order_id) WHERE order_id IS NOT NULL;
    CREATE INDEX payment_attempts_customer ON payment_attempts (app_id, json_extract(call_params, '$.customer'))
      WHERE json_extract(call_params, '$.customer') IS NOT NULL;
    CREATE INDEX payment_attempts_account ON payment_attempts (app_id, account) WHERE account <> '';
  `,
}
