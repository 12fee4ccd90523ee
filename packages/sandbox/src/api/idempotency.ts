/** Remembers the answer to a POST under its Idempotency-Key, so that a repeated call acts once. */
import { createHash } from 'node:crypto'
import type { Database } from '../store/database.ts'
import { canonicalForm, type Form } from './form-encoding.ts'
import { StripeError } from './stripe-error.ts'

export interface SavedAnswer {
  status: number
  body: string
  requestId: string
}

export interface IdempotencyKeys {
  /**
   * The saved answer; or undefined, and then the key is taken until `release`.
   * @throws StripeError 400 for a key used with another request, 409 while the first one is in flight.
   */
  claim(key: string, fingerprint: string, nowMs: number): SavedAnswer | undefined
  release(key: string): void
  save(key: string, fingerprint: string, answer: SavedAnswer, nowMs: number): void
}

// Stripe keeps keys for at least a day; here it is a day sharp.
const RETENTION_MS = 24 * 3600_000

export function createIdempotencyKeys({ sql }: Database): IdempotencyKeys {
  const inFlight = new Set<string>()
  const select = sql.prepare(
    'select fingerprint, status, body, request_id from idempotency_keys where key = ? and created_at >= ?',
  )
  const insert = sql.prepare('insert or replace into idempotency_keys values (?, ?, ?, ?, ?, ?)')
  const forget = sql.prepare('delete from idempotency_keys where created_at < ?')
  let forgottenAt = 0
  return {
    claim(key, fingerprint, nowMs) {
      if (inFlight.has(key)) throw keyInUse(key)
      if (nowMs - forgottenAt > RETENTION_MS) {
        forget.run(nowMs - RETENTION_MS)
        forgottenAt = nowMs
      }
      const row = select.get(key, nowMs - RETENTION_MS)
      if (!row) {
        inFlight.add(key)
        return undefined
      }
      if (row['fingerprint'] !== fingerprint) throw keyReused(key)
      return {
        status: Number(row['status']),
        body: String(row['body']),
        requestId: String(row['request_id']),
      }
    },
    release: (key) => void inFlight.delete(key),
    save(key, fingerprint, answer, nowMs) {
      insert.run(key, fingerprint, answer.status, answer.body, answer.requestId, nowMs)
    },
  }
}

/** Equal for requests that ask for the same thing. */
export function requestFingerprint(path: string, form: Form): string {
  return createHash('sha256')
    .update(`${path}\n${canonicalForm(form)}`)
    .digest('base64')
}

/** @throws StripeError 400 for a key that Stripe would not take. */
export function checkKey(key: string): void {
  if (key.length <= 255) return
  throw new StripeError(400, {
    type: 'idempotency_error',
    message: `The idempotency key provided is too long: it has ${key.length} characters, and at most 255 are allowed.`,
  })
}

function keyReused(key: string): StripeError {
  return new StripeError(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  })
}

function keyInUse(key: string): StripeError {
  return new StripeError(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
  })
}
