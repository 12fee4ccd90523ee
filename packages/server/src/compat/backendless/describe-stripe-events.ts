/** The description of StripeEvents that `describe` answers. */
import { type ColumnType, type StripeEventColumn, stripeEventColumns } from '../../store/event-columns.ts'

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

const columnNames = Object.keys(stripeEventColumns) as StripeEventColumn[]

export function describeStripeEvents(): readonly ColumnDescription[] {
  return columnNames.map((name) => ({
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
