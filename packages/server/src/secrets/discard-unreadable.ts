/** After the loss of a master key: takes away the sealed secrets that nobody can open any more. */
import { ServiceError } from '../errors.ts'
import type { SecretStore } from '../store/secret-store.ts'
import { type Sealer, type SecretPlace, sealedWith } from './sealer.ts'

/** References stay: what they point to may come back. @returns where the secrets stood */
export async function discardUnreadable(
  secrets: Pick<SecretStore, 'list' | 'apply'>,
  sealer: Pick<Sealer, 'open'>,
): Promise<readonly SecretPlace[]> {
  const lost = (await secrets.list()).filter(
    ({ appId, name, value }) => sealedWith(value) !== null && !opens(sealer, value, { appId, name }),
  )
  const places = lost.map(({ appId, name }) => ({ appId, name }))
  if (places.length > 0) await secrets.apply(places.map((place) => ({ kind: 'remove', ...place })))
  return places
}

function opens(sealer: Pick<Sealer, 'open'>, envelope: string, place: SecretPlace): boolean {
  try {
    sealer.open(envelope, place)
    return true
  } catch (error) {
    if (error instanceof ServiceError) return false
    throw error
  }
}
