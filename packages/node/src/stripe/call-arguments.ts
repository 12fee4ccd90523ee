/** Reads Slingr's free form of arguments: ids first, then one object that is either fields or HTTP options. */
import type { HttpOptions } from './stripe-call.ts'

export interface CallArguments {
  readonly ids: readonly string[]
  readonly given: GivenObject
}

/** The last object: the fields themselves, or options of the request around them. */
export type GivenObject =
  | { readonly kind: 'fields'; readonly fields: Readonly<Record<string, unknown>> | undefined }
  | { readonly kind: 'options'; readonly options: HttpOptions }

/** Any of these makes an object HTTP options; no field of Stripe's at the top has such a name. */
const MARKS = ['path', 'params', 'body', 'headers'] as const
/** What options may hold beside them. */
const EXTRAS = ['fullResponse', 'idempotencyKey', 'signal', 'timeoutMs'] as const
const OPTION_NAMES = new Set<string>([...MARKS, ...EXTRAS])

/**
 * @param name for messages, such as `customers.post`
 * @param counts the numbers of ids that the function takes, ascending
 * Throws TypeError for anything that could mean another call than the one that was meant.
 */
export function readCallArguments(
  name: string,
  counts: readonly number[],
  args: readonly unknown[],
): CallArguments {
  const ids: string[] = []
  for (const arg of args) {
    if (typeof arg !== 'string' && typeof arg !== 'number') break
    ids.push(readId(name, ids.length + 1, arg))
  }
  if (!counts.includes(ids.length)) throw wrongCount(name, counts, args, ids.length)
  const rest = args.slice(ids.length)
  if (rest.some((arg) => typeof arg === 'string' || typeof arg === 'number'))
    throw new TypeError(`${name} takes its ids first and then one object.`)
  // An id that is undefined by mistake must not turn "one customer" into "all customers".
  if ((rest[0] === undefined || rest[0] === null) && rest.length > 0 && ids.length < Math.max(...counts))
    throw new TypeError(
      `Argument ${ids.length + 1} of ${name} is ${rest[0]}: give an id, an object, or nothing.`,
    )
  // Slingr's callbackData and callbacks may follow; a promise has its own.
  return { ids, given: readGivenObject(name, rest[0]) }
}

/** Throws TypeError for what is neither an object nor nothing, and for options with a name that is none. */
export function readGivenObject(name: string, value: unknown): GivenObject {
  if (value === undefined || value === null) return { kind: 'fields', fields: undefined }
  if (typeof value !== 'object' || Array.isArray(value))
    throw new TypeError(`The last argument of ${name} must be an object, not ${kindOf(value)}.`)
  const object = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(object)
  if (!isOptions(object, keys)) return { kind: 'fields', fields: object }
  const stray = keys.find((key) => !OPTION_NAMES.has(key))
  if (stray === undefined) return { kind: 'options', options: checkOptions(name, object) }
  throw new TypeError(
    `${name} was given HTTP options with the field ${stray}: put Stripe's fields into body, or params for the query.`,
  )
}

function isOptions(object: Readonly<Record<string, unknown>>, keys: readonly string[]): boolean {
  if (MARKS.some((mark) => Object.hasOwn(object, mark))) return true
  // Nothing of Stripe's is one.
  if (object['signal'] instanceof AbortSignal) return true
  // Stripe's own fields are snake_case, so these alone are ours as well.
  return EXTRAS.some((extra) => /[A-Z]/.test(extra) && keys.includes(extra))
}

function checkOptions(name: string, options: Readonly<Record<string, unknown>>): HttpOptions {
  for (const key of ['params', 'headers'] as const) {
    const value = options[key]
    if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value)))
      throw new TypeError(`The option ${key} of ${name} must be an object, not ${kindOf(value)}.`)
  }
  return options as HttpOptions
}

function readId(name: string, place: number, value: string | number): string {
  const id = typeof value === 'number' && !Number.isSafeInteger(value) ? '' : String(value)
  if (id !== '' && id !== '.' && id !== '..' && id.isWellFormed()) return encodeURIComponent(id)
  throw new TypeError(`Id ${place} of ${name} must be an id such as "cus_1", not ${JSON.stringify(value)}.`)
}

function wrongCount(
  name: string,
  counts: readonly number[],
  args: readonly unknown[],
  count: number,
): TypeError {
  const accepted = counts.map((it) => (it === 0 ? 'none' : String(it))).join(' or ')
  const next = count < args.length ? `, then ${kindOf(args[count])}` : ''
  return new TypeError(
    `${name} takes ${accepted} ${counts.length === 1 && counts[0] === 1 ? 'id' : 'ids'}, and was given ${count}${next}.`,
  )
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
