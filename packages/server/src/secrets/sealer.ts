/** Seals secrets for the database: AES-256-GCM under a master key that is not in the database. */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { RandomBytes } from '../access/api-keys.ts'
import { ServiceError } from '../errors.ts'
import type { Keyring } from './keyring.ts'

/** Whose secret it is and what for. It is authenticated with the secret: an envelope opens in its own place only. */
export interface SecretPlace {
  readonly appId: string
  readonly name: string
}

export interface Sealer {
  /** @returns an envelope `tb1.<key id>.<nonce>.<ciphertext and tag>`, different at each call. */
  seal(plain: string, place: SecretPlace): string
  /** Throws `secret_unavailable`: another place, a changed envelope, or a key that is not at hand. */
  open(envelope: string, place: SecretPlace): string
}

export interface SealerDeps {
  readonly keyring: Pick<Keyring, 'current' | 'find'>
  readonly random: RandomBytes
}

const VERSION = 'tb1'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const ENVELOPE = /^tb1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/

export function createSealer({ keyring, random }: SealerDeps): Sealer {
  return {
    seal(plain, place) {
      const key = keyring.current()
      const nonce = random(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(bound(place))
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return [VERSION, key.id, base64url(nonce), base64url(sealed)].join('.')
    },

    open(envelope, place) {
      const [, id = '', nonce = '', body = ''] = ENVELOPE.exec(envelope) ?? []
      if (id === '') throw unavailable(place, 'it is not one of our envelopes')
      const key = keyring.find(id)
      if (key === null) {
        throw unavailable(
          place,
          `it is sealed with the master key ${id}, which neither TOLLBRIDGE_KEY nor the key file holds: bring that key back`,
        )
      }
      const sealed = Buffer.from(body, 'base64url')
      const iv = Buffer.from(nonce, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, iv, { authTagLength: TAG_BYTES })
        decipher.setAAD(bound(place))
        decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
        return decipher.update(sealed.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch (error) {
        throw unavailable(place, 'its envelope was changed or moved', error)
      }
    },
  }
}

/** @returns the id of the master key, or null for what is no envelope. */
export function sealedWith(envelope: string): string | null {
  return ENVELOPE.exec(envelope)?.[1] ?? null
}

/** Length first, so that no two places read alike. */
function bound({ appId, name }: SecretPlace): Buffer {
  return Buffer.from(`${VERSION}\n${appId.length}\n${appId}\n${name}`)
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

function unavailable({ appId, name }: SecretPlace, why: string, cause?: unknown): ServiceError {
  return new ServiceError('secret_unavailable', {
    message: `The secret ${name} of the app ${appId} cannot be used: ${why}.`,
    cause,
  })
}
