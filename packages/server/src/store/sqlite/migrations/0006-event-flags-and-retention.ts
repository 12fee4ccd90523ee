/** Connect account, context and flag of events; the place up to which old payloads were cut. */
import type { Migration } from './migration.ts'

export const eventFlagsAndRetention: Migration = {
  number: 6,
  name: 'event-flags-and-retention',
  sql: `
    ALTER TABLE events ADD COLUMN account TEXT;
    ALTER TABLE events ADD COLUMN context TEXT;
    ALTER TABLE events ADD COLUMN flag TEXT CHECK (flag IN ('wrong_mode', 'foreign_account', 'doctor'));

    -- Reads leave flagged events out: these two answer that without opening the rows.
    DROP INDEX events_position;
    DROP INDEX events_created;
    CREATE INDEX events_position ON events (app_id, position, type, created, flag);
    CREATE INDEX events_created ON events (app_id, created, position, type, flag);
    CREATE INDEX events_flag ON events (app_id, flag, position) WHERE flag IS NOT NULL;
    CREATE INDEX events_customer_id ON events (app_id, customer_id) WHERE customer_id IS NOT NULL;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
      ('events', 'events_position', '1000000 500000 1 1 1 1'),
      ('events', 'events_created', '1000000 500000 1 1 1 1'),
      ('events', 'events_flag', '1000 500 200 1'),
      ('events', 'events_customer_id', '500000 250000 20');
    ANALYZE sqlite_schema;

    CREATE INDEX payment_attempts_customer ON payment_attempts (app_id, json_extract(call_params, '$.customer'))
      WHERE json_extract(call_params, '$.customer') IS NOT NULL;

    CREATE INDEX payment_attempts_account ON payment_attempts (app_id, account) WHERE account <> '';

    -- One row: events up to this position, and payment attempts up to this sequence, were cut down to ids, amounts
    -- and states.
    CREATE TABLE retention (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      position INTEGER NOT NULL,
      attempt_sequence INTEGER NOT NULL
    ) STRICT;
    INSERT INTO retention (id, position, attempt_sequence) VALUES (1, 0, 0);
  `,
}
