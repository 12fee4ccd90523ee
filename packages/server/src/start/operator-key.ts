/** The operator key of a fresh server: made at the first start, shown then, and kept as a hash alone. */
import type { ChangedBy } from '../access/actor.ts'
import { hashServerKey, makeOperatorKey, operatorKeyId, type RandomBytes } from '../access/api-keys.ts'
import type { Clock } from '../clock.ts'
import type { AppStore } from '../store/app-store.ts'

export interface OperatorKeyDeps {
  readonly apps: Pick<AppStore, 'operatorKeyHashes' | 'addOperatorKey' | 'removeOperatorKey'>
  readonly clock: Clock
  readonly random: RandomBytes
}

/** @returns the key in plain when it was made just now, else null. */
export async function ensureOperatorKey(deps: OperatorKeyDeps, by: ChangedBy): Promise<string | null> {
  return (await deps.apps.operatorKeyHashes()).length > 0 ? null : addOperatorKey(deps, by)
}

/** For a key that was lost or leaked: the new one counts before the old ones end. */
export async function replaceOperatorKeys(deps: OperatorKeyDeps, by: ChangedBy): Promise<string> {
  const old = await deps.apps.operatorKeyHashes()
  const key = await addOperatorKey(deps, by)
  for (const hash of old)
    await deps.apps.removeOperatorKey(hash, change('operator_key.ended', hash, deps, by))
  return key
}

async function addOperatorKey(deps: OperatorKeyDeps, by: ChangedBy): Promise<string> {
  const key = makeOperatorKey(deps.random)
  const hash = hashServerKey(key)
  await deps.apps.addOperatorKey(hash, deps.clock.now(), change('operator_key.created', hash, deps, by))
  return key
}

function change(
  action: 'operator_key.created' | 'operator_key.ended',
  hash: string,
  { clock }: Pick<OperatorKeyDeps, 'clock'>,
  by: ChangedBy,
) {
  return { ...by, at: clock.now(), appId: null, action, target: operatorKeyId(hash), details: {} } as const
}
