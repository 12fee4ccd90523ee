/** What an update replaced, in the form of an event's `data.previous_attributes`. */

type Json = Record<string, unknown>

/** The old values of all fields that differ; hashes are compared key by key, new keys have been null. */
export function previousAttributes(before: object, after: object): Json {
  const was = before as Json
  const is = after as Json
  const previous: Json = {}
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const [old, current] = [was[key] ?? null, is[key] ?? null]
    if (JSON.stringify(old) === JSON.stringify(current)) continue
    previous[key] =
      isHash(old) && isHash(current) && !('object' in old) ? previousAttributes(old, current) : old
  }
  return previous
}

function isHash(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
