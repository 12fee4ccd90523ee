/** Values → AMF 3, as the official Java SDK was seen to read it: texts that come again are references, objects never. */
import type { ByteSink } from './byte-sink.ts'
import { type AmfValue, LARGEST_INTEGER, MARKER, SMALLEST_INTEGER, TypedObject } from './value.ts'

export function writeValue(sink: ByteSink, value: AmfValue): void {
  new ValueWriter(sink).write(value)
}

/** Of an object: its traits follow, they are sealed. */
const SEALED_TRAITS = 0b0011
/** Of an object: a class without a name, whose members all carry theirs. */
const DYNAMIC_TRAITS = 0b1011

class ValueWriter {
  readonly #sink: ByteSink
  readonly #texts = new Map<string, number>()

  constructor(sink: ByteSink) {
    this.#sink = sink
  }

  /** As in JSON a member that is `undefined` is left out, and an item is null. */
  write(value: AmfValue | undefined): void {
    if (value === null || value === undefined) this.#sink.byte(MARKER.null)
    else if (typeof value === 'boolean') this.#sink.byte(value ? MARKER.true : MARKER.false)
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'string') {
      this.#sink.byte(MARKER.string)
      this.#text(value)
    } else this.#object(value)
  }

  #number(value: number): void {
    const isInteger =
      Number.isInteger(value) &&
      value >= SMALLEST_INTEGER &&
      value <= LARGEST_INTEGER &&
      !Object.is(value, -0)
    if (isInteger) {
      this.#sink.byte(MARKER.integer)
      this.#sink.unsigned29(value < 0 ? value + 2 ** 29 : value)
    } else {
      this.#sink.byte(MARKER.double)
      this.#sink.double(value)
    }
  }

  #object(value: object): void {
    if (value instanceof Date) {
      this.#sink.byte(MARKER.date)
      this.#sink.unsigned29(1)
      this.#sink.double(value.getTime())
    } else if (value instanceof Uint8Array) {
      this.#sink.byte(MARKER.bytes)
      this.#sink.unsigned29(inline(value.length))
      this.#sink.write(value)
    } else if (Array.isArray(value)) {
      this.#sink.byte(MARKER.array)
      this.#sink.unsigned29(inline(value.length))
      this.#text('')
      for (const item of value as readonly AmfValue[]) this.write(item)
    } else if (value instanceof TypedObject) this.#typed(value)
    else this.#anonymous(value as Readonly<Record<string, AmfValue | undefined>>)
  }

  #typed({ className, members }: TypedObject): void {
    const names = Object.keys(members)
    this.#sink.byte(MARKER.object)
    this.#sink.unsigned29((names.length << 4) | SEALED_TRAITS)
    this.#text(className)
    for (const name of names) this.#text(name)
    for (const name of names) this.write(members[name])
  }

  #anonymous(members: Readonly<Record<string, AmfValue | undefined>>): void {
    this.#sink.byte(MARKER.object)
    this.#sink.unsigned29(DYNAMIC_TRAITS)
    this.#text('')
    for (const [name, value] of Object.entries(members)) {
      // An empty name is the end of the members, so none can have it.
      if (value === undefined || name === '') continue
      this.#text(name)
      this.write(value)
    }
    this.#text('')
  }

  #text(text: string): void {
    const known = this.#texts.get(text)
    if (known !== undefined) {
      this.#sink.unsigned29(known << 1)
      return
    }
    const bytes = Buffer.from(text, 'utf8')
    this.#sink.unsigned29(inline(bytes.length))
    this.#sink.write(bytes)
    if (text !== '') this.#texts.set(text, this.#texts.size)
  }
}

/** A length or a count, of what follows at once. */
function inline(length: number): number {
  return length * 2 + 1
}
