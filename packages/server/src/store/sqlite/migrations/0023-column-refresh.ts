/** How far the columns of older events were brought up to date: it is done in the background, and goes on where it was. */
import type { Migration } from './migration.ts'

export const columnRefresh: Migration = {
  number: 23,
  name: 'column-refresh',
  sql: `
    -- One row: events up to position have the columns that this version makes of them; upto is where the log ended when it
    -- came, since later events were stored with them.
    CREATE TABLE column_refresh (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      version INTEGER NOT NULL,
      position INTEGER NOT NULL,
      upto INTEGER NOT NULL
    ) STRICT;
    INSERT INTO column_refresh (only_row, version, position, upto) VALUES (1, 0, 0, 0);
  `,
}
