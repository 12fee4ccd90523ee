/** Brings the write-ahead log into the database file, in a thread of its own: the event loop never waits for it. */
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { CheckpointAnswer, CheckpointJob } from './checkpointer.ts'

/** Kept open: SQLite could not close its file while the other connection of this process holds locks on it. */
const database = new DatabaseSync(String(workerData), { timeout: 0 })
database.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = FULL')

const TRIES = 50
const pauseCell = new Int32Array(new SharedArrayBuffer(4))

function checkpoint(mode: 'PASSIVE' | 'RESTART' | 'TRUNCATE'): boolean {
  const row = database.prepare(`PRAGMA wal_checkpoint(${mode})`).get()
  return row?.['busy'] === 0 && row['log'] === row['checkpointed']
}

/** Most of it without anybody's notice; then the rest under the write lock, which takes a moment. */
function empty(mode: 'RESTART' | 'TRUNCATE'): boolean {
  checkpoint('PASSIVE')
  for (let tries = 0; tries < TRIES; tries++) {
    if (isDone(mode)) return true
    Atomics.wait(pauseCell, 0, 0, 1)
  }
  return false
}

function isDone(mode: 'RESTART' | 'TRUNCATE'): boolean {
  try {
    return checkpoint(mode)
  } catch {
    // Another connection is writing at this moment.
    return false
  }
}

/** What a reader without our cache finds. */
function examine(): { id: string; sequence: number; wrong: string | null } {
  const fresh = new DatabaseSync(String(workerData), { readOnly: true, timeout: 1_000 })
  try {
    const row = fresh.prepare('SELECT id, sequence FROM store_identity').get()
    const [verdict] = fresh.prepare('PRAGMA quick_check(1)').all()
    const said = String(Object.values(verdict ?? {})[0])
    return {
      id: String(row?.['id']),
      sequence: Number(row?.['sequence']),
      wrong: said === 'ok' ? null : said,
    }
  } finally {
    fresh.close()
  }
}

function answerTo(job: CheckpointJob): CheckpointAnswer {
  try {
    if (job.kind === 'examine') return { number: job.number, kind: 'examined', ...examine() }
    if (job.kind === 'copy') return { number: job.number, kind: 'done', isWhole: checkpoint('PASSIVE') }
    return {
      number: job.number,
      kind: 'done',
      isWhole: empty(job.kind === 'restart' ? 'RESTART' : 'TRUNCATE'),
    }
  } catch (error) {
    return {
      number: job.number,
      kind: 'failed',
      message: error instanceof Error ? error.message : String(error),
    }
  }
}

parentPort?.on('message', (job: CheckpointJob | 'close') => {
  if (job === 'close') {
    database.close()
    parentPort?.close()
    return
  }
  parentPort?.postMessage(answerTo(job))
})
