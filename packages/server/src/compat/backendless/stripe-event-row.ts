/** A stored event as a row of StripeEvents, and the table's description. */
import { redactPayload } from '../../access/redact-payload.ts'
import {
  type ColumnType,
  STRIPE_EVENTS_TABLE,
  type StripeEventColumn,
  stripeEventColumns,
} from '../../store/event-columns.ts'
import type { StoredEvent } from '../../store/event-store.ts'

export type StripeEventRow = Readonly<Record<string, unknown>>

export interface RowView {
  /** Default: all. */
  readonly columns?: readonly StripeEventColumn[]
  /** `redacted`: the payload without client secrets and personal data. */
  readonly payloads: 'redacted' | 'full'
}

const ALL_COLUMNS = Object.keys(stripeEventColumns) as StripeEventColumn[]

/** Times are milliseconds since the epoch; the payload is the Stripe event as an object. */
export function toStripeEventRow(event: StoredEvent, view: RowView): StripeEventRow {
  const row: Record<string, unknown> = { ___class: STRIPE_EVENTS_TABLE }
  for (const name of view.columns ?? ALL_COLUMNS) {
    row[name] = name === 'payload' ? readPayload(event.payload, view.payloads) : event[name]
  }
  return row
}

function readPayload(text: string, payloads: RowView['payloads']): unknown {
  const payload = parseForSdk(text)
  return payloads === 'full' ? payload : redactPayload(payload)
}

/** The SDKs turn objects with these names into classes and references of their own; metadata may hold them. */
const SDK_NAMES = new Set(['___class', '__subID', '__originSubID'])
const HOLDS_SDK_NAME = /"(___class|__subID|__originSubID)"/

function parseForSdk(text: string): unknown {
  if (!HOLDS_SDK_NAME.test(text)) return JSON.parse(text) as unknown
  return JSON.parse(text, (name, value: unknown) => (SDK_NAMES.has(name) ? undefined : value)) as unknown
}

/** One column as `describe` answers it. */
export interface ColumnDescription {
  readonly name: string
  readonly type: 'STRING' | 'STRING_ID' | 'INT' | 'BOOLEAN' | 'DATETIME' | 'JSON'
  readonly required: boolean
  readonly isPrimaryKey: boolean
  readonly defaultValue: null
  readonly relatedTable: null
  readonly customRegex: null
  readonly autoLoad: false
}

const TYPE_NAMES = {
  string: 'STRING',
  number: 'INT',
  boolean: 'BOOLEAN',
  timestamp: 'DATETIME',
  json: 'JSON',
} as const satisfies Record<ColumnType, ColumnDescription['type']>

const ALWAYS_FILLED: ReadonlySet<string> = new Set([
  'objectId',
  'created',
  'id',
  'type',
  'eventId',
  'livemode',
  'payload',
] satisfies StripeEventColumn[])

export function describeStripeEvents(): readonly ColumnDescription[] {
  return ALL_COLUMNS.map((name) => ({
    name,
    type: name === 'objectId' ? 'STRING_ID' : TYPE_NAMES[stripeEventColumns[name]],
    required: ALWAYS_FILLED.has(name),
    isPrimaryKey: name === 'objectId',
    defaultValue: null,
    relatedTable: null,
    customRegex: null,
    autoLoad: false,
  }))
}
