/** `secrets rotate`: a fresh master key where ours is in a file, and everything sealed again with the current one. */
import type { Keyring } from './keyring.ts'
import { type ResealDeps, type ResealResult, resealSecrets } from './reseal-secrets.ts'
import { sealedWith } from './sealer.ts'

export interface RotateDeps extends Omit<ResealDeps, 'keyring' | 'onlyPlain'> {
  readonly keyring: Pick<Keyring, 'current' | 'rotate'>
}

/** Broken off at any point and run again, it loses no key that something is still sealed with. */
export async function rotateSecrets(deps: RotateDeps): Promise<ResealResult> {
  const stored = await deps.secrets.list()
  deps.keyring.rotate(new Set(stored.flatMap(({ value }) => sealedWith(value) ?? [])))
  return resealSecrets(deps)
}
