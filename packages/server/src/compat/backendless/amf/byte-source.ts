/** The bytes of a packet from front to back; whatever would step over their end is a clean error. */
import { malformed } from './bounds.ts'

export class ByteSource {
  readonly #bytes: Buffer
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#step(1))
  }

  unsigned16(): number {
    return this.#bytes.readUInt16BE(this.#step(2))
  }

  unsigned32(): number {
    return this.#bytes.readUInt32BE(this.#step(4))
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#step(8))
  }

  /** 1 to 4 bytes: seven bits each while the highest is set, and eight in the fourth. */
  unsigned29(): number {
    let value = 0
    for (let count = 1; count <= 3; count += 1) {
      const byte = this.byte()
      value = (value << 7) | (byte & 0x7f)
      if (byte < 0x80) return value
    }
    return (value << 8) | this.byte()
  }

  /** A view of the packet, not a copy. */
  take(length: number): Buffer {
    const from = this.#step(length)
    return this.#bytes.subarray(from, from + length)
  }

  text(length: number): string {
    try {
      return this.#decoder.decode(this.take(length))
    } catch (error) {
      if (error instanceof TypeError) throw malformed('a text is not valid UTF-8')
      throw error
    }
  }

  /** @returns where the bytes begin that are passed over. */
  #step(length: number): number {
    if (length > this.left) throw malformed('it ends before it is whole')
    this.#at += length
    return this.#at - length
  }
}
