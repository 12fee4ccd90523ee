/** Stripe's own time about an attempt, by which alone it is concluded that a call was not made. */
import type { Migration } from './migration.ts'

export const stripeTimeOfAttempts: Migration = {
  number: 17,
  name: 'stripe-time-of-attempts',
  // Of older rows only the time of this machine is known: an hour off is allowed for.
  sql: `
    ALTER TABLE payment_attempts ADD COLUMN sent_after INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE payment_attempts ADD COLUMN absent_since INTEGER;
    UPDATE payment_attempts SET sent_after = first_sent_at - 3600000;
  `,
}
