/** What an AMF 3 value is in this program: JSON's values, dates, bytes, and objects that name a class. */

export type AmfValue =
  | null
  | boolean
  | number
  | string
  | Date
  | Uint8Array
  | TypedObject
  | readonly AmfValue[]
  | { readonly [name: string]: AmfValue }

/** An object of a named class; its members go over the wire in the order of `members`. */
export class TypedObject {
  readonly className: string
  readonly members: Readonly<Record<string, AmfValue>>

  constructor(className: string, members: Readonly<Record<string, AmfValue>>) {
    this.className = className
    this.members = members
  }
}

/** Markers that begin a value. What is not here is refused: XML, vectors and dictionaries say nothing to a charge. */
export const MARKER = {
  undefined: 0x00,
  null: 0x01,
  false: 0x02,
  true: 0x03,
  integer: 0x04,
  double: 0x05,
  string: 0x06,
  date: 0x08,
  array: 0x09,
  object: 0x0a,
  bytes: 0x0c,
} as const

/** Integers have 29 bits and a sign; all others are doubles. */
export const SMALLEST_INTEGER = -(2 ** 28)
export const LARGEST_INTEGER = 2 ** 28 - 1
