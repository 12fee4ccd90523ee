/** Since when an app says what it delivers, without walking its payments. */
import type { Migration } from './migration.ts'

export const firstFulfilment: Migration = {
  number: 24,
  name: 'first-fulfilment',
  sql: `
    CREATE INDEX payments_fulfilled ON payments (app_id, fulfilled_at) WHERE fulfilled_at IS NOT NULL;
  `,
}
