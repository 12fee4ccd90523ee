/** Arguments as JSON would have brought them, so that what is behind the door need not know which door it was. */
import { type AmfValue, TypedObject } from './value.ts'

export type PlainValue =
  | null
  | boolean
  | number
  | string
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue }

/** Classes lose their names; a date becomes a text of ISO 8601, bytes one of Base64. */
export function toPlain(value: AmfValue): PlainValue {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof TypedObject) return membersOf(value.members)
  return isList(value) ? value.map(toPlain) : membersOf(value)
}

function membersOf(members: Readonly<Record<string, AmfValue>>): PlainValue {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, toPlain(value)]))
}

/** `Array.isArray` does not tell a list from an object where the list is read-only. */
function isList(value: object): value is readonly AmfValue[] {
  return Array.isArray(value)
}
