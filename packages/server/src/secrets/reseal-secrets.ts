/** Rotation: everything that an older master key has sealed is sealed again with the current one. */
import type { SecretChange, SecretStore } from '../store/secret-store.ts'
import type { Keyring } from './keyring.ts'
import { type Sealer, sealedWith } from './sealer.ts'
import { PLAIN_PREFIX } from './secret-value.ts'

export interface ResealDeps {
  readonly secrets: SecretStore
  readonly sealer: Sealer
  readonly keyring: Pick<Keyring, 'current'>
  /** true: only what a migration had to leave in plain. */
  readonly onlyPlain?: boolean
  /** Told after each secret. */
  onProgress?(done: number, total: number): void
}

export interface ResealResult {
  readonly resealed: number
  /** References, and what the current key has sealed already. */
  readonly untouched: number
}

/**
 * All in one commit, and what another process writes meanwhile is left as it wrote it. Afterwards the old envelopes
 * are wiped from the database files. Throws `secret_unavailable` when one cannot be opened, and then changes nothing.
 */
export async function resealSecrets(deps: ResealDeps): Promise<ResealResult> {
  const { secrets, sealer, keyring } = deps
  const current = keyring.current().id
  const stored = await secrets.list()
  const due = stored.filter(
    ({ value }) =>
      value.startsWith(PLAIN_PREFIX) ||
      (deps.onlyPlain !== true && ![null, current].includes(sealedWith(value))),
  )
  const changes = due.map(({ appId, name, value }, index): SecretChange => {
    const place = { appId, name }
    const plain = value.startsWith(PLAIN_PREFIX)
      ? value.slice(PLAIN_PREFIX.length)
      : sealer.open(value, place)
    deps.onProgress?.(index + 1, due.length)
    return { kind: 'reseal', appId, name, from: value, to: sealer.seal(plain, place) }
  })
  if (changes.length > 0) {
    await secrets.apply(changes)
    await secrets.scrub()
  }
  return { resealed: changes.length, untouched: stored.length - changes.length }
}
