/** Keys: how they are made, told apart, and hashed, so that the secret ones need not be kept. */
import { createHash } from 'node:crypto'

/** `n` random bytes; an argument so that tests can fix it. */
export type RandomBytes = (n: number) => Uint8Array

export const SERVER_KEY_PREFIX = 'tbk_'
export const CLIENT_KEY_PREFIX = 'tbc_'
export const OPERATOR_KEY_PREFIX = 'tbo_'

export type ServerKeyId = `key_${string}`

/** A secret key for the app's own server: 256 random bits. */
export function makeServerKey(random: RandomBytes): string {
  return SERVER_KEY_PREFIX + Buffer.from(random(32)).toString('base64url')
}

/** A secret key for whoever runs this server: 256 random bits. */
export function makeOperatorKey(random: RandomBytes): string {
  return OPERATOR_KEY_PREFIX + Buffer.from(random(32)).toString('base64url')
}

/** A public key that goes into pages. */
export function makeClientKey(random: RandomBytes): string {
  return CLIENT_KEY_PREFIX + Buffer.from(random(15)).toString('hex')
}

export function makeAppId(random: RandomBytes): string {
  return `app_${Buffer.from(random(8)).toString('hex')}`
}

/** Plain SHA-256 is enough for a key of 256 random bits: there is nothing to guess. */
export function hashServerKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** A name for a server key that says nothing about it: the start of its hash. */
export function serverKeyId(hash: string): ServerKeyId {
  return `key_${hash.slice(0, 16)}`
}

/** As above, for an operator key. */
export function operatorKeyId(hash: string): `opk_${string}` {
  return `opk_${hash.slice(0, 16)}`
}
