/** Notices that an older state of the database was put back, and notes since when its rows may lack what Stripe knows. */
import type { DatabaseSync } from 'node:sqlite'
import type { DoubtReason } from '../doubt-store.ts'
import type { Mark } from './commit-mark.ts'
import { RAISE_DOUBT } from './sqlite-doubt-store.ts'

/** Before the newest that is known, since events come in no strict order. */
const OVERLAP_SECONDS = 3_600
/** For an app without any event, whose age is known by our clock alone. */
const CLOCK_MARGIN_SECONDS = 24 * 3_600

export function judgeMark(mark: Mark | null, database: Mark): 'fits' | 'went_back' | 'replaced' {
  if (mark === null) return 'fits'
  if (mark.id !== database.id) return 'replaced'
  return database.sequence < mark.sequence ? 'went_back' : 'fits'
}

export function readIdentity(database: DatabaseSync): Mark {
  const row = database.prepare('SELECT id, sequence FROM store_identity').get()
  return { id: String(row?.['id']), sequence: Number(row?.['sequence']) }
}

/**
 * Raises a doubt about every app, and counts the commits on behind the mark, so that the same loss is not noticed
 * again; in one transaction.
 */
export function doubtEveryApp(
  database: DatabaseSync,
  { reason, mark, now, since }: { reason: DoubtReason; mark: Mark | null; now: number; since?: number },
): void {
  const newest = database.prepare(`
    SELECT a.app_id, a.created_at, max(
      coalesce((SELECT stripe_created FROM repair_progress r WHERE r.app_id = a.app_id), 0),
      coalesce((SELECT max(stripe_created) FROM
        (SELECT stripe_created FROM events e WHERE e.app_id = a.app_id ORDER BY position DESC LIMIT 100)), 0)
    ) AS known FROM apps a`)
  const raise = database.prepare(RAISE_DOUBT)
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const { app_id, created_at, known } of newest.all()) {
      const begun = Math.floor(Number(created_at) / 1000) - CLOCK_MARGIN_SECONDS
      const from = since ?? (Number(known) > 0 ? Number(known) - OVERLAP_SECONDS : begun)
      raise.run(String(app_id), Math.max(0, from), reason, now)
    }
    database.prepare('UPDATE store_identity SET sequence = max(sequence, ?) + 1').run(mark?.sequence ?? 0)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
