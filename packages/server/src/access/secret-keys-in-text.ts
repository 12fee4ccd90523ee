/** Finds our secret keys where they must not stand, and takes them out of what we say. */
import { withoutSecrets } from './secret-texts.ts'

/** Server keys and operator keys: what an address must never carry. */
const BEGINS = /^\s*(?:Bearer\s+)?tb[ko]_/i
/** As long as the keys that we make, wherever it stands. */
const WHOLE = /tb[ko]_[A-Za-z0-9_-]{43}/
const MOST_ENCODINGS = 4

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
    [...new URLSearchParams(query)].flat().some((text) => isSecretKey(decoded(text)))
  )
}

/** `tbk_abc` → `tbk_…`; client keys too, which are public, but nobody's to repeat. */
export function withoutKeys(text: string): string {
  return withoutSecrets(text, '…').replace(/\b(tbc_)\w+/g, '$1…')
}

function splitOnce(text: string, by: string): readonly [string, string] {
  const at = text.indexOf(by)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** However often a proxy or a program has encoded it on the way. */
function decoded(part: string, rounds = MOST_ENCODINGS): string {
  if (rounds === 0 || !part.includes('%')) return part
  try {
    return decoded(decodeURIComponent(part), rounds - 1)
  } catch {
    return part
  }
}
