/** Bytes that grow as they are written. */

const FIRST_BYTES = 1024

export class ByteSink {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES)
  #length = 0

  byte(value: number): void {
    const at = this.#grow(1)
    this.#bytes.writeUInt8(value, at)
  }

  unsigned16(value: number): void {
    const at = this.#grow(2)
    this.#bytes.writeUInt16BE(value, at)
  }

  unsigned32(value: number): void {
    const at = this.#grow(4)
    this.#bytes.writeUInt32BE(value, at)
  }

  double(value: number): void {
    const at = this.#grow(8)
    this.#bytes.writeDoubleBE(value, at)
  }

  /** From 0 to 2^29 − 1; a greater one would come out as another number, so it throws. */
  unsigned29(value: number): void {
    if (value >= 0x2000_0000) throw new RangeError('AMF 3 has no length of 2^29 and more')
    if (value < 0x20_0000) {
      if (value >= 0x4000) this.byte((value >> 14) | 0x80)
      if (value >= 0x80) this.byte(((value >> 7) & 0x7f) | 0x80)
      this.byte(value & 0x7f)
    } else {
      this.byte((value >> 22) | 0x80)
      this.byte(((value >> 15) & 0x7f) | 0x80)
      this.byte(((value >> 8) & 0x7f) | 0x80)
      this.byte(value & 0xff)
    }
  }

  write(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** What was written; the sink is done with. */
  end(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** @returns where the next bytes go; until then `#bytes` may have become another buffer. */
  #grow(by: number): number {
    const at = this.#length
    this.#length += by
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length))
      this.#bytes.copy(larger, 0, 0, at)
      this.#bytes = larger
    }
    return at
  }
}
