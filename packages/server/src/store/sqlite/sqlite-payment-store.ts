/** The payments on SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import {
  type PaymentPlace,
  type PaymentStore,
  SETTLED_DISPUTES,
  type StoredPayment,
} from '../payment-store.ts'
import type { GroupCommit } from './group-commit.ts'
import { type PaymentRow, toStoredPayment } from './payment-row.ts'
import type { PaymentWrites } from './payment-writes.ts'
import type { SqliteSchema } from './schema.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export interface SqlitePaymentStoreDeps {
  readonly database: DatabaseSync
  readonly queries: Kysely<SqliteSchema>
  readonly commits: GroupCommit
  readonly writes: PaymentWrites
}

type Selected = SelectQueryBuilder<SqliteSchema, 'payments', PaymentRow>

export function createSqlitePaymentStore(deps: SqlitePaymentStoreDeps): PaymentStore {
  const { database, queries, commits, writes } = deps
  const selectFirstFulfilled = database.prepare(
    'SELECT min(fulfilled_at) AS at FROM payments WHERE app_id = ? AND fulfilled_at IS NOT NULL',
  )
  const setPoll = database.prepare(
    'UPDATE payments SET poll_at = ?, polls = polls + 1 WHERE app_id = ? AND id = ?',
  )
  const setChecked = database.prepare(
    'UPDATE payments SET checked_position = max(checked_position, ?) WHERE app_id = ? AND id = ?',
  )
  const selectPayments = (): Selected => queries.selectFrom('payments').selectAll()
  const ofApp = (appId: string): Selected => selectPayments().where('app_id', '=', appId)

  return {
    async find(appId, id) {
      const [payment] = await read(ofApp(appId).where('id', '=', id))
      if (payment !== undefined) return payment
      return (await read(ofApp(appId).where('charge_id', '=', id)))[0] ?? null
    },
    findByOrder: (appId, orderId) => read(newestFirst(ofApp(appId).where('order_id', '=', orderId))),
    list({ appId, status, orderId, customerId, createdFrom, createdTo, after, limit }) {
      let found = ofApp(appId)
      if (status !== undefined) found = found.where('status', '=', status)
      if (orderId !== undefined) found = found.where('order_id', '=', orderId)
      if (customerId !== undefined) found = found.where('customer_id', '=', customerId)
      if (createdFrom !== undefined) found = found.where('created', '>=', createdFrom)
      if (createdTo !== undefined) found = found.where('created', '<=', createdTo)
      if (after !== undefined) found = beyond(found, '<', after)
      return read(newestFirst(found).limit(limit))
    },
    unfulfilled({ appId, after, limit }) {
      const owed = ofApp(appId)
        .where(sql<boolean>`status = 'succeeded' AND fulfilled_at IS NULL`)
        .where(sql<boolean>`amount_refunded < amount_received`)
        .where(
          sql<boolean>`(dispute_status IS NULL OR dispute_status IN (${sql.join([...SETTLED_DISPUTES])}))`,
        )
        .where(
          sql<boolean>`NOT EXISTS (SELECT 1 FROM order_fulfilments AS done WHERE done.app_id = payments.app_id
            AND done.account = ifnull(payments.account, '') AND done.order_id = payments.order_id)`,
        )
      return read(
        (after === undefined ? owed : beyond(owed, '>', after)).orderBy('created').orderBy('id').limit(limit),
      )
    },
    async firstFulfilledAt(appId) {
      try {
        const at = selectFirstFulfilled.get(appId)?.['at']
        return typeof at === 'number' ? at : null
      } catch (error) {
        throw translateSqliteError(error)
      }
    },
    markFulfilled: (appId, id, call) => commits.enqueue(() => writes.markFulfilled(appId, id, call)),
    settle: (appId, reading, now) => commits.enqueue(() => writes.settle(appId, reading, now)),
    duePolls: ({ now, limit }) =>
      read(selectPayments().where('poll_at', '<=', now).orderBy('poll_at').limit(limit)),
    postponePoll: (appId, id, at) =>
      commits.enqueue(() => {
        setPoll.run(at, appId, id)
      }),
    unchecked: (limit) =>
      read(
        selectPayments()
          .where(sql<boolean>`checked_position < last_position`)
          .orderBy('last_position')
          .limit(limit),
      ),
    // Not worth a flush of its own: what is lost in a crash is checked again.
    markChecked: (payments) =>
      commits.enqueue(
        () => {
          for (const { appId, id, lastPosition } of payments) setChecked.run(lastPosition, appId, id)
        },
        { canWait: true },
      ),
  }
}

function newestFirst(selected: Selected): Selected {
  return selected.orderBy('created', 'desc').orderBy('id', 'desc')
}

function beyond(selected: Selected, side: '<' | '>', { created, id }: PaymentPlace): Selected {
  return selected.where(sql<boolean>`(created, id) ${sql.raw(side)} (${created}, ${id})`)
}

async function read(query: { execute(): Promise<PaymentRow[]> }): Promise<readonly StoredPayment[]> {
  try {
    return (await query.execute()).map(toStoredPayment)
  } catch (error) {
    throw translateSqliteError(error)
  }
}
