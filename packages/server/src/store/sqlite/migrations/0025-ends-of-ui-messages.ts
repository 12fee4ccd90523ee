/** A message for a page ends only once Stripe was asked: what it is about, what it ends as, how often it was opened. */
import type { Migration } from './migration.ts'

export const endsOfUiMessages: Migration = {
  number: 25,
  name: 'ends-of-ui-messages',
  sql: `
    ALTER TABLE ui_messages ADD COLUMN intent TEXT;
    ALTER TABLE ui_messages ADD COLUMN intent_before TEXT;
    -- Beside the state, whose check knows only what a message becomes in the end.
    ALTER TABLE ui_messages ADD COLUMN ends_as TEXT CHECK (ends_as IN ('canceled', 'expired', 'undeliverable'));
    ALTER TABLE ui_messages ADD COLUMN claims INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX ui_messages_ending ON ui_messages (sequence) WHERE ends_as IS NOT NULL;
    CREATE INDEX ui_messages_intent ON ui_messages (app_id, intent) WHERE ended_at IS NULL;
    CREATE INDEX ui_messages_claimed ON ui_messages (sequence) WHERE state = 'claimed' AND ended_at IS NULL;
  `,
}
