/** Which of an app's prices is the newest, and whether its clients may ask for a hold. */
import type { Migration } from './migration.ts'

export const orderOfIssue: Migration = {
  number: 13,
  name: 'order-of-issue',
  sql: `
    CREATE TABLE price_issues (
      app_id TEXT PRIMARY KEY,
      last INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE price_policies ADD COLUMN allow_client_capture INTEGER NOT NULL DEFAULT 0;
  `,
}
