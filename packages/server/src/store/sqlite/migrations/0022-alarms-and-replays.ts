/** Alarms with an id, about the whole server too, and who ended them; events that are handled anew. */
import type { Migration } from './migration.ts'

export const alarmsAndReplays: Migration = {
  number: 22,
  name: 'alarms-and-replays',
  sql: `
    ALTER TABLE alarms ADD COLUMN id TEXT;
    ALTER TABLE alarms ADD COLUMN cleared_by TEXT CHECK (cleared_by IN ('itself', 'hand'));
    -- The state of the alarm that was last sent to ALARM_URL.
    ALTER TABLE alarms ADD COLUMN told TEXT;
    UPDATE alarms SET id = 'alm_' || lower(hex(randomblob(12)));
    UPDATE alarms SET cleared_by = 'itself' WHERE cleared_at IS NOT NULL;
    CREATE UNIQUE INDEX alarms_id ON alarms (id);
    CREATE INDEX alarms_standing ON alarms (first_seen) WHERE cleared_at IS NULL;

    -- Tries that came before the event was last given back to be handled: they do not count towards its end.
    ALTER TABLE event_handling ADD COLUMN earlier INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX event_handling_state ON event_handling (app_id, state, position) WHERE state <> 'handled';
  `,
}
