/** Finds our secret keys where they must not stand, and takes them out of what we say. */

/** Server keys and operator keys: what an address must never carry. */
const BEGINS = /^\s*(?:Bearer\s+)?tb[ko]_/i
/** As long as the keys that we make, wherever it stands. */
const WHOLE = /tb[ko]_[A-Za-z0-9_-]{43}/
/** Whatever looks like a key of ours or of Stripe's: the prefix is said, the rest is not. */
const ANY_KEY = /\b(tb[a-z]_|[sr]k_(?:test|live)_|whsec_)[A-Za-z0-9_-]+/g

/** @param value of a path part or a query parameter, decoded */
export function isSecretKey(value: string): boolean {
  return BEGINS.test(value) || WHOLE.test(value)
}

/** @param url path and query, as they came */
export function holdsSecretKey(url: string): boolean {
  if (!/tb/i.test(url) && !url.includes('%')) return false
  const [path = '', query = ''] = splitOnce(url, '?')
  return (
    path.split('/').some((part) => isSecretKey(decoded(part))) ||
    [...new URLSearchParams(query)].some(([name, value]) => isSecretKey(name) || isSecretKey(value))
  )
}

/** `tbk_abc` → `tbk_…`. */
export function withoutKeys(text: string): string {
  return text.replace(ANY_KEY, '$1…')
}

function splitOnce(text: string, by: string): readonly [string, string] {
  const at = text.indexOf(by)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
