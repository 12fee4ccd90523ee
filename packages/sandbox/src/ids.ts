/** Makes ids and secrets that look like Stripe's; the same ones again when a seed is given. */
import { createHash, randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export interface Ids {
  /** `prefix` followed by `length` random letters and digits, at most 32. */
  next(prefix: string, length?: number): string
}

/** Ids from the system's randomness, or, with a seed, the same sequence every time. */
export function createIds(seed?: string): Ids {
  let counter = 0
  const bytes = (): Uint8Array =>
    seed === undefined ? randomBytes(32) : createHash('sha256').update(`${seed}:${++counter}`).digest()
  return {
    next(prefix, length = 24) {
      let id = prefix
      for (const byte of bytes().subarray(0, length)) id += ALPHABET[byte % ALPHABET.length]
      return id
    },
  }
}

/** The id that Stripe derives from a card or account number: equal numbers have equal fingerprints. */
export function fingerprint(number: string): string {
  let print = ''
  for (const byte of createHash('sha256').update(`fingerprint:${number}`).digest().subarray(0, 16)) {
    print += ALPHABET[byte % ALPHABET.length]
  }
  return print
}
