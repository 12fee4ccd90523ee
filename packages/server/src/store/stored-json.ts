/**
 * Reads events that are kept as text. Whatever Stripe signed is kept as it came; what is nested beyond all use would
 * exhaust the stack of whoever walks it, so that part alone is read as words.
 */

/** Stripe's objects, expanded as far as it allows, stay below twenty. */
export const DEEPEST_EVENT = 100

export const CUT_PART = `[nested deeper than ${DEEPEST_EVENT} levels; the stored text has it]`

/** JSON.parse itself takes any depth. Throws SyntaxError. */
export function readStoredJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return isTooDeep(text) ? cutTooDeep(value) : value
}

export function isTooDeep(json: string): boolean {
  let depth = 0
  let isInString = false
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (isInString) {
      if (code === BACKSLASH) at++
      else if (code === QUOTE) isInString = false
    } else if (code === QUOTE) isInString = true
    else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (++depth > DEEPEST_EVENT) return true
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth--
  }
  return false
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d

/** The same value, with words in the place of what is too deep. */
export function cutTooDeep(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEEPEST_EVENT) return CUT_PART
  if (Array.isArray(value)) return value.map((item) => cutTooDeep(item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, cutTooDeep(item, depth + 1)]))
}
