/**
 * AMF 3 → values, in time and memory that the packet's own length bounds: a count is held against the bytes that are
 * left, a reference costs what it stands for, and nothing refers to what is not whole.
 */
import { assertShallow, Ledger, malformed, type Size } from './bounds.ts'
import type { ByteSource } from './byte-source.ts'
import { type AmfValue, LARGEST_INTEGER, MARKER, TypedObject } from './value.ts'

/** Throws `body_invalid`. */
export function readValue(source: ByteSource): AmfValue {
  return new ValueReader(source).read(0)
}

interface Text {
  readonly text: string
  readonly bytes: number
}

interface Traits {
  readonly className: string
  readonly names: readonly string[]
  readonly isDynamic: boolean
  /** Of the names, which each object of these traits has again. */
  readonly textBytes: number
}

interface Held {
  readonly value: AmfValue
  readonly size: Size
}

const FORBIDDEN_NAME = '__proto__'
/** Greatest distance of a moment from 1970 in milliseconds. */
const FARTHEST_MS = 8.64e15

class ValueReader {
  readonly #source: ByteSource
  readonly #ledger = new Ledger()
  readonly #texts: Text[] = []
  readonly #traits: Traits[] = []
  /** null: begun and not whole. */
  readonly #held: (Held | null)[] = []
  /** Levels below what is being read, as far as it is known. */
  #height = 0

  constructor(source: ByteSource) {
    this.#source = source
  }

  read(depth: number): AmfValue {
    this.#ledger.add({ values: 1, textBytes: 0 })
    const marker = this.#source.byte()
    switch (marker) {
      case MARKER.undefined:
      case MARKER.null:
        return null
      case MARKER.false:
        return false
      case MARKER.true:
        return true
      case MARKER.integer:
        return signed(this.#source.unsigned29())
      case MARKER.double:
        return this.#source.double()
      case MARKER.string:
        return this.#text()
      case MARKER.date:
        return this.#byReference(depth, () => this.#date())
      case MARKER.array:
        return this.#byReference(depth, (count) => this.#array(count, depth))
      case MARKER.object:
        return this.#byReference(depth, (flags) => this.#object(flags, depth))
      case MARKER.bytes:
        return this.#byReference(depth, (length) => this.#bytes(length))
      default:
        throw malformed(
          `it holds a value of the kind 0x${marker.toString(16).padStart(2, '0')}, which is not taken`,
        )
    }
  }

  /** What is kept for references; its first number says whether it is one, or what follows. */
  #byReference(depth: number, readInline: (rest: number) => AmfValue): AmfValue {
    const head = this.#source.unsigned29()
    if ((head & 1) === 0) return this.#referred(head >> 1, depth)
    const index = this.#held.push(null) - 1
    const { values, textBytes } = this.#ledger
    const outer = this.#height
    this.#height = 0
    const value = readInline(head >> 1)
    const size = {
      values: this.#ledger.values - values,
      textBytes: this.#ledger.textBytes - textBytes,
      height: this.#height,
    }
    this.#held[index] = { value, size }
    this.#height = Math.max(outer, size.height)
    return value
  }

  #referred(index: number, depth: number): AmfValue {
    const held = this.#held[index]
    if (held === undefined) throw malformed('it refers to an object that is not there')
    if (held === null) throw malformed('an object holds itself')
    assertShallow(depth, held.size.height)
    this.#ledger.add(held.size)
    this.#height = Math.max(this.#height, held.size.height)
    return held.value
  }

  /** Reads what lies one level lower. */
  #below<T>(depth: number, read: (depth: number) => T): T {
    assertShallow(depth, 1)
    const result = read(depth + 1)
    this.#height += 1
    return result
  }

  #date(): Date {
    const milliseconds = this.#source.double()
    if (!(Math.abs(milliseconds) <= FARTHEST_MS)) throw malformed('a date is no moment in time')
    return new Date(milliseconds)
  }

  #bytes(length: number): Uint8Array {
    this.#ledger.add({ values: 0, textBytes: length })
    // A copy, so that the packet need not live as long.
    return new Uint8Array(this.#source.take(length))
  }

  #array(count: number, depth: number): AmfValue {
    this.#assertFits(count, 'items')
    return this.#below(depth, (below) => {
      const named: Record<string, AmfValue> = {}
      this.#readNamed(named, below)
      if (Object.keys(named).length > 0) {
        if (count > 0) throw malformed('a list has items with and without a name')
        return named
      }
      const items: AmfValue[] = []
      for (let index = 0; index < count; index += 1) items.push(this.read(below))
      return items
    })
  }

  #object(flags: number, depth: number): AmfValue {
    const traits = this.#objectTraits(flags)
    return this.#below(depth, (below) => {
      this.#ledger.add({ values: 0, textBytes: traits.textBytes })
      const members: Record<string, AmfValue> = {}
      for (const name of traits.names) members[name] = this.read(below)
      if (traits.isDynamic) this.#readNamed(members, below)
      return traits.className === '' ? members : new TypedObject(traits.className, members)
    })
  }

  #objectTraits(flags: number): Traits {
    if ((flags & 1) === 0) {
      const traits = this.#traits[flags >> 1]
      if (traits === undefined) throw malformed('it refers to a class that is not there')
      return traits
    }
    if ((flags & 2) !== 0) throw malformed('it holds an object that only its own class can read')
    const count = flags >> 3
    this.#assertFits(count, 'members')
    const before = this.#ledger.textBytes
    const className = this.#text()
    const names: string[] = []
    const seen = new Set<string>()
    for (let index = 0; index < count; index += 1) {
      const name = this.#name()
      if (seen.has(name)) throw malformed('an object has two members of the same name')
      seen.add(name)
      names.push(name)
    }
    const textBytes = this.#ledger.textBytes - before
    const traits = { className, names, isDynamic: (flags & 4) !== 0, textBytes }
    this.#traits.push(traits)
    return traits
  }

  /** Names and values up to an empty name. */
  #readNamed(into: Record<string, AmfValue>, depth: number): void {
    for (;;) {
      const name = this.#name()
      if (name === '') return
      if (Object.hasOwn(into, name)) throw malformed('an object has two members of the same name')
      into[name] = this.read(depth)
    }
  }

  #name(): string {
    const name = this.#text()
    if (name === FORBIDDEN_NAME) throw malformed(`a member has the name ${FORBIDDEN_NAME}`)
    return name
  }

  #text(): string {
    const head = this.#source.unsigned29()
    const length = head >> 1
    if ((head & 1) === 0) {
      const known = this.#texts[length]
      if (known === undefined) throw malformed('it refers to a text that is not there')
      this.#ledger.add({ values: 0, textBytes: known.bytes })
      return known.text
    }
    this.#ledger.add({ values: 0, textBytes: length })
    const text = this.#source.text(length)
    if (length > 0) this.#texts.push({ text, bytes: length })
    return text
  }

  #assertFits(count: number, what: string): void {
    // Each takes a byte at least.
    if (count > this.#source.left) throw malformed(`it says that more ${what} follow than it has bytes`)
  }
}

function signed(unsigned: number): number {
  return unsigned > LARGEST_INTEGER ? unsigned - 2 ** 29 : unsigned
}
