/** Who began a payment or an order, and request keys as digests: whoever reads the file is not the payer by that. */
import type { Migration } from './migration.ts'

export const proofOfPayer: Migration = {
  number: 11,
  name: 'proof-of-payer',
  sql: `
    ALTER TABLE payment_attempts ADD COLUMN payer TEXT;
    ALTER TABLE payment_attempts ADD COLUMN replaces TEXT;
    ALTER TABLE payment_orders ADD COLUMN payer TEXT;
    UPDATE payment_attempts SET request_key = 'key:' || sha256(substr(request_key, 5)) WHERE request_key LIKE 'key:%';
    -- After the token stands a fingerprint of 64 characters.
    UPDATE payment_attempts SET request_key =
        'token:' || sha256(substr(request_key, 7, length(request_key) - 71)) || substr(request_key, -65)
      WHERE request_key LIKE 'token:%';
  `,
}
