/** A stored event as a row of StripeEvents, for reads and for listeners alike. */
import { type PayloadView, showPayload } from '../access/payload-view.ts'
import { STRIPE_EVENTS_TABLE, type StripeEventColumn, stripeEventColumns } from './event-columns.ts'
import type { StoredEvent } from './event-store.ts'
import { isTooDeep, readStoredJson } from './stored-json.ts'

export type StripeEventRow = Readonly<Record<string, unknown>>

export interface RowView {
  /** Default: all. */
  readonly columns?: readonly StripeEventColumn[]
  readonly payloads: PayloadView
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
  return showPayload(payload, payloads)
}

/** The SDKs turn objects with these names into classes and references of their own; metadata may hold them. */
const SDK_NAMES = new Set(['___class', '__subID', '__originSubID'])
const HOLDS_SDK_NAME = /"(___class|__subID|__originSubID)"/

function parseForSdk(text: string): unknown {
  if (!HOLDS_SDK_NAME.test(text)) return readStoredJson(text)
  const shallow = isTooDeep(text) ? JSON.stringify(readStoredJson(text)) : text
  return JSON.parse(shallow, (name, value: unknown) => (SDK_NAMES.has(name) ? undefined : value)) as unknown
}
