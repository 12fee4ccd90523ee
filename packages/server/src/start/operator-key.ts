/** The operator key of a fresh server: made at the first start, shown then, and kept as a hash alone. */
import { hashServerKey, makeOperatorKey, type RandomBytes } from '../access/api-keys.ts'
import type { Clock } from '../clock.ts'
import type { AppStore } from '../store/app-store.ts'

export interface OperatorKeyDeps {
  readonly apps: Pick<AppStore, 'operatorKeyHashes' | 'addOperatorKey'>
  readonly clock: Clock
  readonly random: RandomBytes
}

/** @returns the key in plain when it was made just now, else null. */
export async function ensureOperatorKey({ apps, clock, random }: OperatorKeyDeps): Promise<string | null> {
  if ((await apps.operatorKeyHashes()).length > 0) return null
  const key = makeOperatorKey(random)
  await apps.addOperatorKey(hashServerKey(key), clock.now())
  return key
}
