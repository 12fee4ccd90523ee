/** What remains of a stored event when nobody may be recognized in it: ids, amounts, states and times. */
import { redactPayload } from '../access/redact-payload.ts'
import { readStoredJson } from '../store/stored-json.ts'
import { ORDER_ID_METADATA } from '../stripe/event-facts.ts'

type Json = Readonly<Record<string, unknown>>

/** Ids of Stripe's objects, by their prefixes; anything else that is text may be what somebody typed. */
const STRIPE_ID =
  /^(acct|ba|bpc|bps|card|cbtxn|ch|cs|cus|dp|du|evt|fee|file|fr|ii|il|in|mandate|or|pi|plan|pm|po|price|prod|prv|py|pyr|re|req|rp|rv|rvw|seti|setatt|si|src|sub|tok|tr|trr|txn|we|whevt)(_test|_live)?_[A-Za-z0-9]+$/

/** Names whose values are words of Stripe's, of which it has a fixed list. */
const STATES = new Set([
  'advice_code',
  'allowed_payment_method_types',
  'api_version',
  'balance_type',
  'billing_reason',
  'brand',
  'cancellation_reason',
  'capture_method',
  'code',
  'collection_method',
  'confirmation_method',
  'currency',
  'decline_code',
  'failure_code',
  'failure_reason',
  'funding',
  'interval',
  'mode',
  'network_status',
  'object',
  'payment_method_types',
  'payment_status',
  'reason',
  'risk_level',
  'setup_future_usage',
  'status',
  'type',
  'usage',
])
const STATE = /^[A-Za-z0-9][\w.-]{0,63}$/

/** Connect and organizations: ids with slashes between them. */
const CONTEXT = /^[A-Za-z0-9_]+(\/[A-Za-z0-9_]+)*$/

/** A card with its dates and digits says who holds it. */
const HIDDEN_NUMBERS = new Set(['exp_month', 'exp_year', 'day', 'month', 'year'])

/**
 * The JSON text of an event without any text that people wrote, and without what clients may not see either.
 * Stripping twice changes nothing more. The order id of the metadata stays; the rest of the metadata goes.
 */
export function stripPayload(payload: string): string {
  return JSON.stringify(strip(redactPayload(readStoredJson(payload))))
}

/** The same for any part of an event, or for the parameters of a call to Stripe. */
export function stripValue(value: Json): Json {
  return strip(redactPayload(value)) as Json
}

function strip(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => strip(item, name)).filter((item) => item !== undefined)
  if (typeof value === 'string') return isHarmless(name, value) ? value : undefined
  if (typeof value === 'number') return HIDDEN_NUMBERS.has(name) ? undefined : value
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(name === 'metadata' ? orderIdOf(value as Json) : value)) {
    const kept = name === 'metadata' ? item : strip(item, key)
    if (kept !== undefined) copy[key] = kept
  }
  return copy
}

function isHarmless(name: string, text: string): boolean {
  if (STRIPE_ID.test(text)) return true
  if (name === 'context') return CONTEXT.test(text)
  // Thin events say when they happened as a date.
  if (name === 'created') return !Number.isNaN(Date.parse(text))
  // An event's own id names its row, whatever it looks like.
  return (STATES.has(name) || name === 'id') && STATE.test(text)
}

function orderIdOf(metadata: Json): Json {
  const orderId = metadata[ORDER_ID_METADATA]
  return orderId === undefined ? {} : { [ORDER_ID_METADATA]: orderId }
}
