/** What the table StripeEvents is not: another table, written by clients, related, grouped. The same words at each door. */
import { ServiceError } from '../../errors.ts'
import { STRIPE_EVENTS_TABLE } from '../../store/event-columns.ts'

/** Throws `table_unknown`. */
export function assertStripeEvents(table: unknown): void {
  if (table === STRIPE_EVENTS_TABLE) return
  const name = typeof table === 'string' ? table.slice(0, 100) : ''
  throw new ServiceError('table_unknown', {
    message: `Table not found by name '${name}'. Make sure the client class referenced in the API call has the same literal name as the table in Backendless console. This server has one table: ${STRIPE_EVENTS_TABLE}.`,
    param: 'table',
  })
}

export function readOnlyTable(): ServiceError {
  return new ServiceError('operation_not_allowed', {
    message: `The table ${STRIPE_EVENTS_TABLE} is read-only: its rows are the events that Stripe sends.`,
  })
}

export function noRelations(): ServiceError {
  return new ServiceError('parameter_invalid', {
    message: 'StripeEvents has no relations; the whole Stripe event is in the column payload.',
    param: 'relation',
  })
}

export function noGrouping(): ServiceError {
  return new ServiceError('parameter_invalid', {
    message: 'Grouping is not offered: read the rows, or ask for the count of a where clause.',
    param: 'groupBy',
  })
}
