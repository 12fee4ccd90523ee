/** Which request said first that a payment is delivered, so that its repeat hears the same. */
import type { Migration } from './migration.ts'

export const fulfilmentKeys: Migration = {
  number: 10,
  name: 'fulfilment-keys',
  sql: 'ALTER TABLE payments ADD COLUMN fulfilled_key TEXT',
}
