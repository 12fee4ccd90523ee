/** Payment attempts on SQLite: every decision is one synchronous step inside a group commit. */
import type { DatabaseSync } from 'node:sqlite'
import { isOutdated } from '../outdated-attempt.ts'
import type {
  AttemptLease,
  ClaimOutcome,
  NewAttempt,
  PaymentAttempt,
  PaymentAttemptStore,
  PaymentOrder,
} from '../payment-attempt-store.ts'
import { soldItemsOf } from '../sold-items.ts'
import { createAttemptRewrites } from './attempt-rewrites.ts'
import type { GroupCommit } from './group-commit.ts'
import {
  type PaymentAttemptRow,
  type PaymentOrderRow,
  toPaymentAttempt,
  toPaymentOrder,
} from './payment-attempt-row.ts'
import { createPaymentAttemptWrites } from './payment-attempt-writes.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export interface SqlitePaymentAttemptStoreDeps {
  readonly database: DatabaseSync
  readonly commits: GroupCommit
  /** A new lease token that nobody else has. */
  readonly newToken: () => string
}

export function createSqlitePaymentAttemptStore(deps: SqlitePaymentAttemptStoreDeps): PaymentAttemptStore {
  const { database, commits, newToken } = deps
  const byId = database.prepare('SELECT * FROM payment_attempts WHERE app_id = ? AND id = ?')
  const byRequestKey = database.prepare(
    'SELECT * FROM payment_attempts WHERE app_id = ? AND account = ? AND request_key = ?',
  )
  const idTaken = database.prepare('SELECT 1 FROM payment_attempts WHERE id = ?')
  const openOf = database.prepare(
    `SELECT * FROM payment_attempts WHERE app_id = ? AND account = ? AND subject = ? AND state = 'open'`,
  )
  const owedOf = database.prepare(
    `SELECT * FROM payment_attempts
     WHERE app_id = ? AND account = ? AND subject = ? AND fingerprint = ? AND is_owed = 1
     ORDER BY sequence LIMIT 1`,
  )
  const dueBy = database.prepare(
    `SELECT * FROM payment_attempts
     WHERE state = 'open' AND (due_at <= ? OR due_at > ?) AND id NOT IN (SELECT value FROM json_each(?))
     ORDER BY due_at, sequence LIMIT ?`,
  )
  const selectOpenSince = database.prepare(
    `SELECT * FROM payment_attempts WHERE state = 'open' AND created_at < ? ORDER BY created_at, sequence LIMIT ?`,
  )
  const nextDue = database.prepare(`SELECT min(due_at) AS due FROM payment_attempts WHERE state = 'open'`)
  const orderById = database.prepare(
    'SELECT * FROM payment_orders WHERE app_id = ? AND account = ? AND order_id = ?',
  )
  const orderByIntent = database.prepare(
    'SELECT * FROM payment_orders WHERE app_id = ? AND account = ? AND payment_intent_id = ?',
  )
  // As the partial index payment_attempts_account says it.
  const onAccount = database.prepare(
    `SELECT 1 FROM payment_attempts WHERE app_id = ? AND account = ? AND account <> '' LIMIT 1`,
  )
  const accountsOf = database.prepare(
    `SELECT DISTINCT account FROM payment_attempts WHERE app_id = ? AND account <> '' ORDER BY account`,
  )
  const historyOf = database.prepare(
    `SELECT * FROM payment_attempts
     WHERE app_id = ?1 AND account = ?2 AND (payment_intent_id = ?3 OR (?4 IS NOT NULL AND order_id = ?4))
     ORDER BY sequence`,
  )
  // A create that failed has made its payment all the same, where it has one; a change of price that failed changed nothing.
  const saleOf = database.prepare(
    `SELECT terms FROM payment_attempts
     WHERE app_id = ? AND payment_intent_id = ? AND terms IS NOT NULL
       AND (operation = 'create' OR (operation = 'update' AND state NOT IN ('open', 'failed')))
     ORDER BY sequence DESC LIMIT 1`,
  )
  const writes = createPaymentAttemptWrites(database)
  const rewrites = createAttemptRewrites(database)

  const attempt = (row: unknown): PaymentAttempt | null =>
    row === undefined ? null : toPaymentAttempt(row as PaymentAttemptRow)
  const order = (row: unknown): PaymentOrder | null =>
    row === undefined ? null : toPaymentOrder(row as PaymentOrderRow)

  function leaseOf(appId: string, id: string, token: string): AttemptLease {
    const leased = attempt(byId.get(appId, id))
    if (leased === null) throw new Error(`The attempt ${id} is gone`)
    return { attempt: leased, token }
  }

  function claim(given: NewAttempt, leaseUntil: number): ClaimOutcome {
    const { appId, account, subject, requestKey, orderId } = given
    const repeated = requestKey === null ? null : attempt(byRequestKey.get(appId, account, requestKey))
    if (repeated !== null) return { outcome: 'repeated', attempt: repeated }
    const busy = attempt(openOf.get(appId, account, subject))
    if (busy !== null) return { outcome: 'busy', attempt: busy }
    const changed = orderId === null ? null : order(orderById.get(appId, account, orderId))
    if (changed !== null && isOutdated(given, changed)) return { outcome: 'order_exists', order: changed }
    if (idTaken.get(given.id) !== undefined) return { outcome: 'taken' }
    const token = newToken()
    writes.insert(given, token, leaseUntil)
    return { outcome: 'claimed', lease: leaseOf(appId, given.id, token) }
  }

  return {
    claim: (given, { leaseUntil }) => commits.enqueue(() => claim(given, leaseUntil)),
    withdraw: (lease) => commits.enqueue(() => writes.withdraw(lease)),
    find: async (appId, id) => reading(() => attempt(byId.get(appId, id))),
    findByRequestKey: async (appId, account, requestKey) =>
      reading(() => attempt(byRequestKey.get(appId, account, requestKey))),
    takeOwed: (appId, account, subject, fingerprint) =>
      commits.enqueue(() => {
        const owed = attempt(owedOf.get(appId, account, subject, fingerprint))
        if (owed === null) return null
        writes.forgive(appId, owed.id)
        return { ...owed, isOwed: false }
      }),
    resume: (appId, id, options) =>
      commits.enqueue(() => {
        const token = newToken()
        return writes.lease(id, token, options) ? leaseOf(appId, id, token) : null
      }),
    reopen: (appId, id, { idempotencyKey, now, leaseUntil }) =>
      commits.enqueue(() => {
        const failed = attempt(byId.get(appId, id))
        if (failed?.failure?.retryable !== true) return null
        if (openOf.get(appId, failed.account, failed.subject) !== undefined) return 'busy'
        const changed =
          failed.orderId === null ? null : order(orderById.get(appId, failed.account, failed.orderId))
        if (changed !== null && isOutdated(failed, changed)) {
          writes.giveUpRequestKey(appId, id)
          return 'order_exists'
        }
        const token = newToken()
        writes.reopen(id, { idempotencyKey, now, token, leaseUntil })
        return leaseOf(appId, id, token)
      }),
    leaseDue: ({ limit, except, ...options }) =>
      commits.enqueue(() => {
        const due = dueBy.all(options.now, options.latest, JSON.stringify(except), limit)
        return (due as unknown as PaymentAttemptRow[]).map((row) => {
          const token = newToken()
          writes.lease(row.id, token, options)
          return leaseOf(row.app_id, row.id, token)
        })
      }),
    noteSent: (lease, now) => commits.enqueue(() => writes.noteSent(lease, now)),
    finish: (lease, result) => commits.enqueue(() => writes.finish(lease, result)),
    postpone: (lease, how) => commits.enqueue(() => writes.postpone(lease, how)),
    forgive: (appId, id) => commits.enqueue(() => writes.forgive(appId, id)),
    giveUpRequestKey: (appId, id) => commits.enqueue(() => writes.giveUpRequestKey(appId, id)),
    findOrder: async (appId, account, orderId) =>
      reading(() => order(orderById.get(appId, account, orderId))),
    findOrderByIntent: async (appId, account, paymentIntentId) =>
      reading(() => order(orderByIntent.get(appId, account, paymentIntentId))),
    adoptOrder: (order) => commits.enqueue(() => writes.adoptOrder(order)),
    knownAccounts: async (appId) => reading(() => accountsOf.all(appId).map((row) => String(row['account']))),
    history: async (appId, { account, paymentIntentId, orderId }) =>
      reading(() =>
        (historyOf.all(appId, account, paymentIntentId, orderId) as unknown as PaymentAttemptRow[]).map(
          toPaymentAttempt,
        ),
      ),
    rewriteParams: (appId, of, rewrite) => commits.enqueue(() => rewrites.ofCustomer(appId, of, rewrite)),
    rewriteOldest: (options) => commits.enqueue(() => rewrites.oldest(options), { canWait: true }),
    soldItems: async (appId, paymentIntentIds) =>
      reading(() => {
        const sold = paymentIntentIds.flatMap((id) => {
          const terms = saleOf.get(appId, id)?.['terms']
          const items = typeof terms === 'string' ? soldItemsOf(JSON.parse(terms)) : null
          return items === null ? [] : [[id, items] as const]
        })
        return new Map(sold)
      }),
    knowsAccount: async (appId, account) => reading(() => onAccount.get(appId, account) !== undefined),
    openSince: async ({ createdBefore, limit }) =>
      reading(() =>
        (selectOpenSince.all(createdBefore, limit) as unknown as PaymentAttemptRow[]).map(toPaymentAttempt),
      ),
    nextDueAt: async () =>
      reading(() => {
        const due = nextDue.get()?.['due']
        return typeof due === 'number' ? due : null
      }),
  }
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw translateSqliteError(error)
  }
}
