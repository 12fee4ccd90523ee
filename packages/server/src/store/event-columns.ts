/** The table StripeEvents as clients see it: its columns, their types, and the headers that selectors read. */
import type { PublicationHeaders, SelectorFields } from '@tollbridge/protocol'
import type { StoredEvent } from './event-store.ts'

export type ColumnType = 'string' | 'number' | 'boolean' | 'timestamp' | 'json'

/** Name → type, in the order in which `describe` lists them. `payload` is the Stripe event itself. */
export const stripeEventColumns = {
  objectId: 'string',
  created: 'timestamp',
  updated: 'timestamp',
  ownerId: 'string',
  id: 'string',
  type: 'string',
  eventId: 'string',
  objectType: 'string',
  chargeId: 'string',
  paymentIntentId: 'string',
  customerId: 'string',
  orderId: 'string',
  amount: 'number',
  currency: 'string',
  status: 'string',
  livemode: 'boolean',
  apiVersion: 'string',
  account: 'string',
  payload: 'json',
} as const satisfies Record<string, ColumnType>

export type StripeEventColumn = keyof typeof stripeEventColumns

/** The columns that where clauses and sort orders may name, with their names in SQL. */
export const stripeEventFields: SelectorFields = Object.fromEntries(
  Object.entries(stripeEventColumns).flatMap(([name, type]) =>
    type === 'json' ? [] : [[name, { type, sql: snakeCase(name) }]],
  ),
)

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export const STRIPE_EVENTS_TABLE = 'StripeEvents'

/** What a message about this event carries in its headers: every column with a value, as text. */
const HEADER_COLUMNS = [
  'id',
  'type',
  'eventId',
  'objectType',
  'chargeId',
  'paymentIntentId',
  'customerId',
  'orderId',
  'amount',
  'currency',
  'status',
  'livemode',
  'apiVersion',
  'account',
] as const satisfies readonly StripeEventColumn[]

/** Header values are strings, as Backendless delivers them even where a number was published. */
export function toHeaders(event: StoredEvent): PublicationHeaders {
  const headers: Record<string, string> = {}
  for (const name of HEADER_COLUMNS) {
    const value = event[name]
    if (value !== null) headers[name] = String(value)
  }
  return headers
}
