/** What one packet may cost whoever reads it, however few bytes it takes to ask for more. */
import { ServiceError } from '../../../errors.ts'

/** Of the whole packet; an SDK's own are 300 to 4,000 bytes. */
export const LARGEST_PACKET_BYTES = 256 * 1024
/** Levels of lists and objects within each other. */
export const DEEPEST_VALUE = 64
/** Values of all kinds, with what each reference stands for. */
export const MOST_VALUES = 10_000
/** Bytes of all texts and names, with those that a reference stands for. */
export const MOST_TEXT_BYTES = 1024 * 1024

/** @param problem a clause that follows "The body is no AMF packet that can be read: ". */
export function malformed(problem: string): ServiceError {
  return new ServiceError('body_invalid', {
    message: `The body is no AMF packet that can be read: ${problem}.`,
  })
}

/** What a value costs once its references are followed. */
export interface Size {
  readonly values: number
  readonly textBytes: number
  /** Levels of lists and objects below it, itself included. */
  readonly height: number
}

/** Adds up what has been read, and throws once it is more than a packet may hold. */
export class Ledger {
  values = 0
  textBytes = 0

  add({ values, textBytes }: Pick<Size, 'values' | 'textBytes'>): void {
    this.values += values
    this.textBytes += textBytes
    if (this.values > MOST_VALUES) throw malformed(`it holds more than ${MOST_VALUES} values`)
    if (this.textBytes > MOST_TEXT_BYTES) throw malformed(`its texts have more than ${MOST_TEXT_BYTES} bytes`)
  }
}

/** @param height of the value that stands at this depth. Throws when both together are too deep. */
export function assertShallow(depth: number, height: number): void {
  if (depth + height > DEEPEST_VALUE) throw malformed(`it is nested deeper than ${DEEPEST_VALUE} levels`)
}
