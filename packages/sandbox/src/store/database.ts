/** Opens the SQLite database that holds all of the sandbox's state, in a file or in memory. */
import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

const VERSION = 1

const SCHEMA = `
  create table if not exists objects (
    seq integer primary key autoincrement,
    id text not null unique,
    kind text not null,
    created integer not null,
    customer text,
    payment_intent text,
    charge text,
    body text not null,
    hidden text
  );
  create index if not exists objects_by_kind on objects (kind, seq);
  create index if not exists objects_by_customer on objects (customer, kind, seq) where customer is not null;
  create index if not exists objects_by_intent on objects (payment_intent, seq) where payment_intent is not null;
  create index if not exists objects_by_charge on objects (charge, seq) where charge is not null;
  create table if not exists idempotency_keys (
    key text primary key,
    fingerprint text not null,
    status integer not null,
    body text not null,
    request_id text not null,
    created_at integer not null
  );
  create table if not exists deliveries (
    id integer primary key autoincrement,
    event_id text not null,
    endpoint_id text not null,
    attempts integer not null default 0,
    state text not null default 'pending',
    next_at integer not null,
    by_hand integer not null default 0
  );
  create index if not exists deliveries_by_event on deliveries (event_id);
  create index if not exists deliveries_due on deliveries (state, next_at);
  create table if not exists timers (
    id integer primary key autoincrement,
    due_at integer not null,
    kind text not null,
    object_id text not null
  );
  create index if not exists timers_due on timers (due_at, id);
  create table if not exists facts (name text primary key, value text not null);
`

export interface Database {
  sql: DatabaseSync
  /** Runs `work` in one transaction: all of it is kept, or, if it throws, nothing. */
  transaction<T>(work: () => T): T
  /** Empties every table. */
  clear(): void
  close(): void
}

/**
 * Opens `file`, or a database in memory without one.
 * @throws Error when the file was written by another version of the sandbox.
 */
export function openDatabase(file?: string): Database {
  // Card numbers of tests and webhook secrets are its owner's alone; SQLite's own files beside it follow its mode.
  if (file !== undefined && !existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  const sql = new DatabaseSync(file ?? ':memory:')
  // A sandbox must survive its process, not a power cut: no fsync.
  sql.exec('pragma journal_mode = wal; pragma synchronous = off; pragma busy_timeout = 2000')
  const found = Number(sql.prepare('pragma user_version').get()?.['user_version'])
  if (found !== 0 && found !== VERSION) {
    sql.close()
    throw new Error(
      `The sandbox file ${file} has format ${found}, this version writes format ${VERSION}. Delete it or name another.`,
    )
  }
  sql.exec(`${SCHEMA}; pragma user_version = ${VERSION}`)
  return {
    sql,
    transaction(work) {
      sql.exec('begin immediate')
      try {
        const result = work()
        sql.exec('commit')
        return result
      } catch (error) {
        sql.exec('rollback')
        throw error
      }
    },
    clear() {
      sql.exec('begin immediate; delete from objects; delete from idempotency_keys; delete from deliveries;')
      sql.exec('delete from timers; delete from facts; commit')
    },
    close: () => sql.close(),
  }
}
