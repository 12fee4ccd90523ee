/** The statements that take personal data out of payment attempts and orders; each runs inside a group commit. */
import type { DatabaseSync } from 'node:sqlite'
import type { PaymentAttemptStore, RewriteParams } from '../payment-attempt-store.ts'

type Customer = Parameters<PaymentAttemptStore['rewriteParams']>[1]
type RewriteOldest = Parameters<PaymentAttemptStore['rewriteOldest']>[0]

export interface AttemptRewrites {
  ofCustomer(appId: string, of: Customer, rewrite: RewriteParams): number
  oldest(options: RewriteOldest): { readonly examined: number; readonly changed: number }
}

interface Row {
  readonly sequence: number
  readonly app_id: string
  readonly account: string
  readonly order_id: string | null
  readonly state: string
  readonly terms: string | null
  readonly call_params: string
  readonly created_at: number
}

const COLUMNS = 'sequence, app_id, account, order_id, state, terms, call_params, created_at'

export function createAttemptRewrites(database: DatabaseSync): AttemptRewrites {
  const ofPayment = database.prepare(
    `SELECT ${COLUMNS} FROM payment_attempts WHERE app_id = ? AND payment_intent_id = ?`,
  )
  // As the index payment_attempts_customer spells it.
  const ofCustomer = database.prepare(
    `SELECT ${COLUMNS} FROM payment_attempts WHERE app_id = ? AND json_extract(call_params, '$.customer') = ?`,
  )
  const selectNext = database.prepare(
    `SELECT ${COLUMNS} FROM payment_attempts
     WHERE sequence > (SELECT attempt_sequence FROM retention) ORDER BY sequence LIMIT ?`,
  )
  const setRetention = database.prepare('UPDATE retention SET attempt_sequence = max(attempt_sequence, ?)')
  const setAttempt = database.prepare(
    'UPDATE payment_attempts SET terms = ?, call_params = ? WHERE sequence = ?',
  )
  const selectTerms = database.prepare(
    'SELECT terms FROM payment_orders WHERE app_id = ? AND account = ? AND order_id = ?',
  )
  const setTerms = database.prepare(
    'UPDATE payment_orders SET terms = ? WHERE app_id = ? AND account = ? AND order_id = ?',
  )

  /** @returns how many rows changed. */
  function rewriteRow(row: Row, rewrite: RewriteParams): number {
    if (row.state === 'open') return 0
    const terms = row.terms === null ? null : rewritten(row.terms, rewrite)
    const params = rewritten(row.call_params, rewrite)
    const isChanged = terms !== row.terms || params !== row.call_params
    if (isChanged) setAttempt.run(terms, params, row.sequence)
    return (isChanged ? 1 : 0) + (row.order_id === null ? 0 : rewriteOrder(row, row.order_id, rewrite))
  }

  function rewriteOrder({ app_id, account }: Row, orderId: string, rewrite: RewriteParams): number {
    const before = selectTerms.get(app_id, account, orderId)?.['terms']
    if (typeof before !== 'string') return 0
    const after = rewritten(before, rewrite)
    if (after === before) return 0
    setTerms.run(after, app_id, account, orderId)
    return 1
  }

  return {
    ofCustomer(appId, { customerId, paymentIntentIds }, rewrite) {
      const found = [
        ...paymentIntentIds.flatMap((id) => ofPayment.all(appId, id)),
        ...ofCustomer.all(appId, customerId),
      ] as unknown as readonly Row[]
      const distinct = new Map(found.map((row) => [row.sequence, row]))
      return [...distinct.values()].reduce((sum, row) => sum + rewriteRow(row, rewrite), 0)
    },

    oldest({ createdBefore, limit, rewrite }) {
      let examined = 0
      let changed = 0
      for (const row of selectNext.all(limit) as unknown as readonly Row[]) {
        if (row.created_at >= createdBefore || row.state === 'open') break
        changed += rewriteRow(row, rewrite)
        setRetention.run(row.sequence)
        examined += 1
      }
      return { examined, changed }
    },
  }
}

function rewritten(json: string, rewrite: RewriteParams): string {
  return JSON.stringify(rewrite(JSON.parse(json) as Readonly<Record<string, unknown>>))
}
