/** What stands in for Stripe's answer when a gateway, a sign-in page or a cache answered 200 in its place. */
import { ServiceError } from '../errors.ts'
import { type Json, listOf, objectIn } from './read-json.ts'

export interface ExpectedObject {
  /** What Stripe calls it, such as `payment_intent`; absent: any. */
  readonly object?: string
  /** Of the one that was asked for; absent: not known before. */
  readonly id?: string
  /** Of a list, what each item is; absent: any. */
  readonly items?: string
}

/**
 * Every answer of Stripe's is an object that says what it is, and has an id unless it is a list. What Tollbridge reads
 * off it to decide about money has to be there, in every item of a list too: half an object would be read as another truth.
 * Throws `stripe_failed`: whether Stripe did what was asked cannot be told from another answer.
 */
export function assertStripeObject(answer: unknown, { object, id, items }: ExpectedObject = {}): void {
  const found = objectIn(answer)
  const isIt =
    found !== null &&
    (object === undefined || found['object'] === object) &&
    (id === undefined || found['id'] === id) &&
    isWhole(found) &&
    (items === undefined || listOf(found).every((item) => item['object'] === items))
  if (!isIt) throw notStripesAnswer()
}

function isWhole(found: Json): boolean {
  const { object, id, data, has_more: hasMore } = found
  if (object === 'list') {
    // The SDK reads a list without `has_more` as its last page; Stripe always says it.
    return Array.isArray(data) && typeof hasMore === 'boolean' && data.every((item) => isItem(item))
  }
  return typeof object === 'string' && isFilled(id) && (PARTS[object]?.(found) ?? true)
}

function isItem(item: unknown): boolean {
  const found = objectIn(item)
  return found !== null && found['object'] !== 'list' && isWhole(found)
}

/** What decisions are made of, by the kind of object; nullable fields of Stripe's may be null. */
const PARTS: Readonly<Record<string, (found: Json) => boolean>> = {
  payment_intent: ({ amount, currency, status, metadata, latest_charge: charge }) =>
    Number.isInteger(amount) &&
    isFilled(currency) &&
    isFilled(status) &&
    objectIn(metadata) !== null &&
    isReference(charge),
  setup_intent: ({ status }) => isFilled(status),
  refund: ({ amount, currency, payment_intent: intent, charge }) =>
    Number.isInteger(amount) && isFilled(currency) && isReference(intent) && isReference(charge),
  charge: ({ amount, currency, status }) =>
    Number.isInteger(amount) && isFilled(currency) && isFilled(status),
  dispute: ({ amount, status }) => Number.isInteger(amount) && isFilled(status),
  event: ({ type, created, data }) =>
    isFilled(type) && Number.isInteger(created) && objectIn(objectIn(data)?.['object']) !== null,
}

/** Nothing, an id, or the whole object where it was expanded. */
function isReference(value: unknown): boolean {
  return value === null || value === undefined || isFilled(value) || isItem(value)
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

export function notStripesAnswer(cause?: unknown): ServiceError {
  return new ServiceError('stripe_failed', {
    message:
      'What answered is not Stripe, or not whole, so whether Stripe acted is not known yet; repeating the same request is safe.',
    cause,
  })
}
