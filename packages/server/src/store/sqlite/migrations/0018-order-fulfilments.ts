/** Which payment an order was delivered for: one, however many have paid it. */
import type { Migration } from './migration.ts'

export const orderFulfilments: Migration = {
  number: 18,
  name: 'order-fulfilments',
  sql: `
    CREATE TABLE order_fulfilments (
      app_id TEXT NOT NULL,
      account TEXT NOT NULL,
      order_id TEXT NOT NULL,
      payment_id TEXT NOT NULL,
      fulfilled_at INTEGER NOT NULL,
      PRIMARY KEY (app_id, account, order_id)
    ) STRICT, WITHOUT ROWID;
    INSERT OR IGNORE INTO order_fulfilments
      SELECT app_id, ifnull(account, ''), order_id, id, fulfilled_at FROM payments
      WHERE fulfilled_at IS NOT NULL AND order_id IS NOT NULL ORDER BY fulfilled_at, id;
  `,
}
