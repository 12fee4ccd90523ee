/** Master keys: 32 bytes in base64, each known by a short id that says nothing about it. */
import { createHash } from 'node:crypto'

export interface MasterKey {
  /** Eight hex digits; stands in every envelope that the key has sealed. */
  readonly id: string
  readonly bytes: Uint8Array
}

const KEY_BYTES = 32

/** @returns null for anything but 32 bytes in base64 or base64url. */
export function parseMasterKey(text: string): MasterKey | null {
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return null
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === KEY_BYTES ? { id: keyId(bytes), bytes } : null
}

export function formatMasterKey({ bytes }: Pick<MasterKey, 'bytes'>): string {
  return Buffer.from(bytes).toString('base64')
}

export function makeMasterKey(random: (n: number) => Uint8Array): MasterKey {
  const bytes = random(KEY_BYTES)
  return { id: keyId(bytes), bytes }
}

function keyId(bytes: Uint8Array): string {
  return createHash('sha256').update('tollbridge master key\n').update(bytes).digest('hex').slice(0, 8)
}
