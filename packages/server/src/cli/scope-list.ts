/** Scopes as an option of a command names them. */
import { InvalidArgumentError } from 'commander'
import { isScope, SCOPES, type Scope } from '../access/scopes.ts'

/** `read,payments`; `none` for a key whose passthrough rules say all that it may do. */
export function scopeList(text: string): readonly Scope[] {
  if (text === 'none') return []
  const words = text.split(',').map((word) => word.trim())
  const scopes = words.filter(isScope)
  if (scopes.length === words.length) return scopes
  throw new InvalidArgumentError(`Scopes are ${SCOPES.join(', ')}, with commas between them, or none.`)
}
