/** Whether a second delivery of an event id says what the stored event says. Pure. */
import type { EventFacts, StoredEvent } from '../store/event-store.ts'
import { readStoredJson } from '../store/stored-json.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * What Stripe itself changes between two deliveries of one event: how many webhooks are left to deliver, and what it
 * still knows of the request behind it. White space and the order of fields mean nothing either.
 */
const VOLATILE = ['pending_webhooks', 'request'] as const

/** Present in some deliveries only: an endpoint of a platform names the account, one of the account itself does not. */
const OPTIONAL = ['account', 'context'] as const

/** Columns that stay what they are in every API version, and when personal data was taken out of the text. */
const LASTING = ['type', 'objectType', 'livemode', 'stripeCreated'] as const

/** Columns that no version contradicts, though one may lack them. */
const COMMON = ['amount', 'currency', 'paymentIntentId', 'chargeId', 'customerId', 'orderId'] as const

/**
 * @param arrived the second delivery, with the columns that are made of it
 * @returns the names of what differs; none: it is the same event. An event that comes in another API version, or whose
 * stored text was cut down since, is compared by what lasts.
 */
export function differencesOf(
  stored: StoredEvent,
  arrived: { readonly event: Json; readonly facts: EventFacts },
): readonly string[] {
  const { event, facts } = arrived
  const lasting = LASTING.filter((name) => stored[name] !== facts[name])
  const common = COMMON.filter(
    (name) => stored[name] !== null && facts[name] !== null && stored[name] !== facts[name],
  )
  if (lasting.length + common.length > 0) return [...lasting, ...common]
  if (stored.updated !== null) return []
  const before = readStoredJson(stored.payload) as Json
  if (before['object'] !== event['object']) return ['object']
  if (before['api_version'] !== event['api_version'] || event['object'] !== 'event') {
    return sameValue(idOfObject(before), idOfObject(event)) ? [] : ['data.object.id']
  }
  const names = new Set([...Object.keys(before), ...Object.keys(event)])
  return [...names].filter((name) => {
    if ((VOLATILE as readonly string[]).includes(name)) return false
    const isOptional = (OPTIONAL as readonly string[]).includes(name)
    if (isOptional && (isAbsent(before[name]) || isAbsent(event[name]))) return false
    return !sameValue(before[name], event[name])
  })
}

/** Of the object that a snapshot carries, or that a thin event names. */
function idOfObject(event: Json): unknown {
  const data = event['data'] as { readonly object?: { readonly id?: unknown } } | undefined
  const related = event['related_object'] as { readonly id?: unknown } | null | undefined
  return data?.object?.id ?? related?.id
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

/** Both come from JSON texts, which `parseEvent` has limited in depth. */
function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = a as Json
  const right = b as Json
  const names = Object.keys(left)
  if (names.length !== Object.keys(right).length) return false
  return names.every((name) => Object.hasOwn(right, name) && sameValue(left[name], right[name]))
}
