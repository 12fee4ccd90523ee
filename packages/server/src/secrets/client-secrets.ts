/**
 * Client secrets in the texts that we store: whoever has one may finish that payment. They are sealed where they stand, so
 * that a copy of the database alone is good for nothing.
 */
import type { RandomBytes } from '../access/api-keys.ts'
import { ServiceError } from '../errors.ts'
import type { Keyring } from './keyring.ts'
import type { MasterKey } from './master-key.ts'
import { createSealer } from './sealer.ts'

/** For a text in JSON: what `seal` gives is one too. */
export interface SealedTexts {
  /** A text without client secrets comes back as it is. */
  seal(appId: string, text: string): string
  /** A secret whose master key is gone stays sealed. */
  open(appId: string, text: string): string
}

export interface ClientSecretsDeps {
  readonly keyring: Pick<Keyring, 'current' | 'find'>
  readonly random: RandomBytes
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed?: () => number
}

export const unsealedTexts: SealedTexts = { seal: (_appId, text) => text, open: (_appId, text) => text }

const NAME = 'client_secret'
/** As a whole text of JSON: the object's id, and the secret part. */
const PLAIN = /"(\w+_secret_)(?!tb1\.)([^"\\\s]+)"/g
const SEALED = /"(\w+_secret_)(tb1\.[0-9a-f]{8}\.[\w-]+\.[\w-]+)"/g
const MARK = '_secret_'
/** A key that was put first in the key file meanwhile seals a moment later. */
const KEY_AGE_MS = 1_000

export function createClientSecrets({
  keyring,
  random,
  elapsed = () => performance.now(),
}: ClientSecretsDeps): SealedTexts {
  let key: MasterKey | null = null
  let readAt = 0
  const current = (): MasterKey => {
    if (key === null || elapsed() - readAt > KEY_AGE_MS) {
      key = keyring.current()
      readAt = elapsed()
    }
    return key
  }
  const sealer = createSealer({
    keyring: { current, find: (id) => (key?.id === id ? key : keyring.find(id)) },
    random,
  })

  function opened(appId: string, envelope: string): string {
    try {
      return sealer.open(envelope, { appId, name: NAME })
    } catch (error) {
      if (error instanceof ServiceError) return envelope
      throw error
    }
  }

  return {
    seal(appId, text) {
      if (!text.includes(MARK)) return text
      return text.replace(
        PLAIN,
        (_all, before: string, secret: string) => `"${before}${sealer.seal(secret, { appId, name: NAME })}"`,
      )
    },
    open(appId, text) {
      if (!text.includes(MARK)) return text
      return text.replace(
        SEALED,
        (_all, before: string, envelope: string) => `"${before}${opened(appId, envelope)}"`,
      )
    },
  }
}
