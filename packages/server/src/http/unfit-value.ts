/** What no field of a request may hold, whatever the field: found in one walk over the parsed value. */
import { isStorableText } from '../store/storable-text.ts'
import { isReturnUrl } from './return-url.ts'

export interface Unfit {
  /** Of the first field at fault, such as `metadata.note`; '' is the value itself. */
  readonly path: string
  /** Follows the field's name: "must …". */
  readonly problem: string
}

export interface UnfitRules {
  /** Schemes of apps to which a payer may be sent back, such as `myshop`. */
  readonly returnUrlSchemes: readonly string[]
}

/** No app has a scheme of its own. */
export const STRICT: UnfitRules = { returnUrlSchemes: [] }

/** Nothing of ours is nested deeper than a dozen; deeper values are there to exhaust whoever walks them. */
export const DEEPEST_REQUEST = 32

/** Within a text a tab and a new line make sense; no other control character does. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/
/** In a name, an id or an address no control character makes sense, and no line ends. */
const LINE_OR_CONTROL = /[\p{Cc}\u2028\u2029]/u
/** Fields whose text is one of these, however their route spells it: `order_id`, `orderId`, `token`, `return_url`. */
const ONE_LINE =
  /^(?:ids?|key|token|url|email|currency|customer|payment_method|name|type|status|channel|user|tab)$|_(?:ids?|key|token|url|email|method|currency|account)$|[a-z](?:Ids?|Key|Token|Url|Email)$/
const RETURN_URL = /^(?:return_url|returnUrl)$/

/** @returns the first thing that is unfit, depth first; null: the value may be parsed further. Pure. */
export function findUnfit(value: unknown, rules: UnfitRules): Unfit | null {
  return inValue(value, { path: '', name: '', depth: 0 }, rules)
}

interface Place {
  readonly path: string
  /** Of the field that the value stands in; a list hands its own on. */
  readonly name: string
  readonly depth: number
}

function inValue(value: unknown, place: Place, rules: UnfitRules): Unfit | null {
  if (typeof value === 'string') return inText(value, place, rules)
  if (typeof value === 'number') {
    return Number.isFinite(value)
      ? null
      : { path: place.path, problem: 'must be a number that can be written' }
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return null
  if (place.depth >= DEEPEST_REQUEST) {
    // The way there says nothing but how deep it is.
    const [field = ''] = place.path.split('.', 1)
    return { path: field, problem: `must not be nested deeper than ${DEEPEST_REQUEST} levels` }
  }
  return Array.isArray(value) ? inList(value, place, rules) : inObject(value, place, rules)
}

function inList(items: readonly unknown[], { path, name, depth }: Place, rules: UnfitRules): Unfit | null {
  for (const [index, item] of items.entries()) {
    const found = inValue(item, { path: joined(path, String(index)), name, depth: depth + 1 }, rules)
    if (found !== null) return found
  }
  return null
}

function inObject(fields: object, { path, depth }: Place, rules: UnfitRules): Unfit | null {
  for (const [name, value] of Object.entries(fields)) {
    const problem = problemOfName(name, value)
    if (problem !== null) return { path, problem }
    const found = inValue(value, { path: joined(path, name), name, depth: depth + 1 }, rules)
    if (found !== null) return found
  }
  return null
}

function inText(text: string, { path, name }: Place, rules: UnfitRules): Unfit | null {
  const problem = problemOfText(text, ONE_LINE.test(name) ? LINE_OR_CONTROL : CONTROL)
  if (problem !== null) return { path, problem }
  if (!RETURN_URL.test(name) || text === '' || isReturnUrl(text, rules.returnUrlSchemes)) return null
  const schemes = rules.returnUrlSchemes.map((scheme) => `, ${scheme}:`).join('')
  return {
    path,
    problem: `must be a whole address such as https://shop.example.com/done: https${schemes}, or http on this machine (RETURN_URL_SCHEMES adds the schemes of apps)`,
  }
}

function problemOfText(text: string, forbidden: RegExp): string | null {
  if (!isStorableText(text)) return 'must be text without NUL and without half of a surrogate pair'
  return forbidden.test(text) ? 'must be text without control characters' : null
}

/** The name is not repeated: it is what cannot be said. */
function problemOfName(name: string, value: unknown): string | null {
  if (name === '__proto__') return 'must not hold a field of the name __proto__'
  const isPoison =
    name === 'constructor' && typeof value === 'object' && value !== null && 'prototype' in value
  if (isPoison) return 'must not hold a constructor with a prototype'
  if (!isStorableText(name)) return 'must not hold a field whose name has NUL or half of a surrogate pair'
  return LINE_OR_CONTROL.test(name) ? 'must not hold a field whose name has control characters' : null
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
