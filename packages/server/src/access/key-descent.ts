/** Which server key made which: a key counts while its maker does, and for no more than its maker. */
import { serverKeyId } from './api-keys.ts'
import type { ServerKey } from './server-key.ts'

type Descending = Pick<ServerKey, 'hash' | 'madeBy'>

/** @returns the key that made it, the one that made that, and so on, as far as server keys did. */
export function makersOf<Key extends Descending>(keys: readonly Key[], key: Key): readonly Key[] {
  const makers: Key[] = []
  for (let at: Key | undefined = key; at !== undefined; ) {
    const { madeBy }: Descending = at
    const next: Key | undefined =
      madeBy?.kind === 'server_key' ? keys.find(({ hash }) => serverKeyId(hash) === madeBy.id) : undefined
    // A circle, which nothing of ours writes, ends the walk.
    at = next === undefined || next === key || makers.includes(next) ? undefined : next
    if (at !== undefined) makers.push(at)
  }
  return makers
}

/** @returns the key, those that it made, those that they made, and so on. */
export function madeBySelfOrChild<Key extends Descending>(keys: readonly Key[], first: Key): readonly Key[] {
  const found = new Map([[serverKeyId(first.hash), first]])
  for (let size = 0; size < found.size; ) {
    size = found.size
    for (const key of keys) {
      const maker = key.madeBy?.kind === 'server_key' ? key.madeBy.id : null
      if (maker !== null && found.has(maker)) found.set(serverKeyId(key.hash), key)
    }
  }
  return [...found.values()]
}

/**
 * What counts of an app's keys, whatever the rows say: a key that was made in the moment when its maker was revoked
 * counts no more, and one whose maker lost a scope has lost it as well.
 */
export function standingKeys<Key extends Descending & Pick<ServerKey, 'scopes'>>(
  keys: readonly Key[],
): readonly Key[] {
  const standing = new Map<string, Key | null>()
  const byId = new Map(keys.map((key) => [serverKeyId(key.hash) as string, key]))

  function judge(key: Key): Key | null {
    const id = serverKeyId(key.hash)
    const known = standing.get(id)
    if (known !== undefined) return known
    // A circle, which nothing of ours writes, gives no right.
    standing.set(id, null)
    const judged = judgeBy(key)
    standing.set(id, judged)
    return judged
  }

  function judgeBy(key: Key): Key | null {
    if (key.madeBy?.kind !== 'server_key') return key
    const row = byId.get(key.madeBy.id)
    const maker = row === undefined ? null : judge(row)
    if (maker === null) return null
    return { ...key, scopes: key.scopes.filter((scope) => maker.scopes.includes(scope)) }
  }

  return keys.flatMap((key) => judge(key) ?? [])
}
