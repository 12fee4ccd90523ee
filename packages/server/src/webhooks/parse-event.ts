/** Reads a signed body as a Stripe event; a good signature says who wrote it, not what it is. */
import { isStorableText } from '../store/storable-text.ts'
import { readStoredJson } from '../store/stored-json.ts'

export type StripeEventObject = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly type: string
}

export type ParseOutcome =
  | { readonly ok: true; readonly event: StripeEventObject }
  /** `reason`: a sentence that names what is wrong. */
  | { readonly ok: false; readonly reason: string }

/** Ids and types are keys of our tables; Stripe's are far shorter. */
const LONGEST_NAME = 255

/** Takes snapshot events (`object: event`, with the object in `data.object`) and thin ones (`v2.core.event`). */
export function parseEvent(text: string): ParseOutcome {
  const body = parseJson(text)
  if (body === undefined) return refused('The body is not JSON.')
  if (!isObject(body)) return refused(`The body is ${kindOf(body)}, not an event object.`)
  if (body['object'] !== 'event' && body['object'] !== 'v2.core.event') {
    return refused('The field object is neither "event" nor "v2.core.event".')
  }
  if (!isName(body['id'])) return refused('The field id is not the id of an event.')
  if (!isName(body['type'])) return refused('The field type is not the type of an event.')
  if (body['object'] === 'event' && !hasDataObject(body)) {
    return refused('The field data.object is not an object.')
  }
  return { ok: true, event: body as StripeEventObject }
}

/** undefined for what is not JSON, which no JSON text gives. */
function parseJson(text: string): unknown {
  try {
    return readStoredJson(text)
  } catch {
    return undefined
  }
}

function hasDataObject(body: Readonly<Record<string, unknown>>): boolean {
  return isObject(body['data']) && isObject(body['data']['object'])
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME && isStorableText(value)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

function refused(reason: string): ParseOutcome {
  return { ok: false, reason }
}
