/** Writes nested fields in Stripe's bracket form with indexes, such as `items[0][plan]=p1`. */

/** Deeper than Stripe reads; a loop in the object ends here. */
const DEEPEST = 20

/**
 * Nothing is written for undefined and for empty lists; null is the empty value, which unsets a field at Stripe;
 * a Date is seconds since the epoch. Throws TypeError naming the field that cannot be written.
 */
export function encodeForm(fields: Readonly<Record<string, unknown>>): string {
  return formPairs(fields)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&')
}

/** As `encodeForm`, not yet joined. */
export function formPairs(fields: Readonly<Record<string, unknown>>): (readonly [string, string])[] {
  return Object.entries(fields).flatMap(([name, value]) => pairsOf(name, value, 1))
}

function pairsOf(name: string, value: unknown, depth: number): (readonly [string, string])[] {
  if (value === undefined) return []
  if (value === null) return [[name, '']]
  if (value instanceof Date) return [[name, seconds(name, value)]]
  if (depth > DEEPEST) throw new TypeError(`The field ${name.slice(0, 80)}… is nested too deep.`)
  if (Array.isArray(value)) return value.flatMap((it, index) => pairsOf(`${name}[${index}]`, it, depth + 1))
  if (typeof value === 'object')
    return Object.entries(value).flatMap(([key, it]) => pairsOf(`${name}[${key}]`, it, depth + 1))
  return [[name, scalar(name, value)]]
}

function scalar(name: string, value: unknown): string {
  if (typeof value === 'string' && value.isWellFormed()) return value
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  throw new TypeError(
    `The field ${name} must be a text, a finite number, true, false, null, a Date, a list or an object.`,
  )
}

function seconds(name: string, date: Date): string {
  const time = date.getTime()
  if (Number.isNaN(time)) throw new TypeError(`The field ${name} is a Date without a time.`)
  return String(Math.floor(time / 1000))
}

/** Brackets stay readable; Stripe takes both. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%5B', '[').replaceAll('%5D', ']')
}
