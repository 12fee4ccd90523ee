/** The operator key of a fresh server: made at the first start, shown then, and kept as a hash alone. */
import { hashServerKey, makeOperatorKey, type RandomBytes } from '../access/api-keys.ts'
import type { Clock } from '../clock.ts'
import type { AppStore } from '../store/app-store.ts'

export interface OperatorKeyDeps {
  readonly apps: Pick<AppStore, 'operatorKeyHashes' | 'addOperatorKey' | 'removeOperatorKey'>
  readonly clock: Clock
  readonly random: RandomBytes
}

/** @returns the key in plain when it was made just now, else null. */
export async function ensureOperatorKey(deps: OperatorKeyDeps): Promise<string | null> {
  return (await deps.apps.operatorKeyHashes()).length > 0 ? null : addOperatorKey(deps)
}

/** For a key that was lost or leaked: the new one counts before the old ones end. */
export async function replaceOperatorKeys(deps: OperatorKeyDeps): Promise<string> {
  const old = await deps.apps.operatorKeyHashes()
  const key = await addOperatorKey(deps)
  for (const hash of old) await deps.apps.removeOperatorKey(hash)
  return key
}

async function addOperatorKey({ apps, clock, random }: OperatorKeyDeps): Promise<string> {
  const key = makeOperatorKey(random)
  await apps.addOperatorKey(hashServerKey(key), clock.now())
  return key
}
