/** The packet around a message: an envelope of AMF 0 with one body, whose value is AMF 3. */
import { LARGEST_PACKET_BYTES, malformed } from './bounds.ts'
import { ByteSink } from './byte-sink.ts'
import { ByteSource } from './byte-source.ts'
import { readValue } from './read-value.ts'
import type { AmfValue } from './value.ts'
import { writeValue } from './write-value.ts'

/** The SDK's own, which leaves its lengths open. */
const UNKNOWN_LENGTH = 0xffff_ffff
/** In AMF 0: what follows is AMF 3. */
const SWITCH_TO_AMF3 = 0x11
const VERSION = 3

export interface Packet {
  /** Whom the body is for; of an answer `/onResult` or `/onStatus`. */
  readonly target: string
  /** Where the answer is wanted. */
  readonly response: string
  readonly body: AmfValue
}

/** Throws `body_invalid`. */
export function readPacket(bytes: Uint8Array): Packet {
  if (bytes.length > LARGEST_PACKET_BYTES) throw malformed(`it has more than ${LARGEST_PACKET_BYTES} bytes`)
  const source = new ByteSource(bytes)
  const version = source.unsigned16()
  if (version !== VERSION && version !== 0) throw malformed('it does not begin with the version 3')
  if (source.unsigned16() !== 0) throw malformed('it has headers, where no SDK puts any')
  if (source.unsigned16() !== 1) throw malformed('it must have exactly one body')
  const target = source.text(source.unsigned16())
  const response = source.text(source.unsigned16())
  const length = source.unsigned32()
  if (length !== UNKNOWN_LENGTH && length !== source.left)
    throw malformed('its body has another length than it says')
  if (source.byte() !== SWITCH_TO_AMF3) throw malformed('its body is not AMF 3')
  const body = readValue(source)
  if (source.left > 0) throw malformed('bytes are left over behind its body')
  return { target, response, body }
}

export function writePacket({ target, response, body }: Packet): Buffer {
  const value = new ByteSink()
  value.byte(SWITCH_TO_AMF3)
  writeValue(value, body)
  const bytes = value.end()
  const packet = new ByteSink()
  packet.unsigned16(VERSION)
  packet.unsigned16(0)
  packet.unsigned16(1)
  for (const text of [target, response]) {
    const encoded = Buffer.from(text, 'utf8')
    packet.unsigned16(encoded.length)
    packet.write(encoded)
  }
  packet.unsigned32(bytes.length)
  packet.write(bytes)
  return packet.end()
}
