/** Every step of the SQLite schema, in order; a new one is appended, an old one is never edited. */
import { eventsAndApps } from './0001-events-and-apps.ts'
import type { Migration } from './migration.ts'

export const allMigrations: readonly Migration[] = [eventsAndApps]
