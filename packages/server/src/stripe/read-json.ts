/** Reads out of JSON of any shape what fits into a column; null for everything else. */
import { isStorableText } from '../store/storable-text.ts'

export type Json = Readonly<Record<string, unknown>>

export function objectIn(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
}

export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && isStorableText(value) ? value : null
}

export function whole(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

/** A reference is an id, or the whole object where it was expanded. */
export function reference(value: unknown): string | null {
  return text(value) ?? text(objectIn(value)?.['id'])
}

/** The objects in one of Stripe's lists, or in a plain one. */
export function listOf(value: unknown): readonly Json[] {
  const items = Array.isArray(value) ? value : objectIn(value)?.['data']
  return Array.isArray(items) ? items.map(objectIn).filter((item) => item !== null) : []
}
