/** The master keys at hand: those of the environment first, then those of the key file. */
import type { RandomBytes } from '../access/api-keys.ts'
import { createKeyFile, readKeyFile, replaceKeyFile } from './key-file.ts'
import { type MasterKey, makeMasterKey } from './master-key.ts'

export interface Keyring {
  /** Where the key that seals comes from, for people. */
  readonly source: 'environment' | 'file'
  /** The key that seals. */
  current(): MasterKey
  /** Any key may open. A key that is new in the file is found without a restart. */
  find(id: string): MasterKey | null
  /**
   * Puts a fresh key first, where the keys are in a file. The one before stays, for what a running server still seals
   * with it, and so do those in use; others go. With keys from the environment nothing changes: whoever set them adds
   * the new one.
   * @param inUse ids of the keys that something is sealed with
   */
  rotate(inUse: ReadonlySet<string>): void
}

export interface KeyringOptions {
  /** From TOLLBRIDGE_KEY; empty: the file decides. */
  readonly fromEnvironment: readonly MasterKey[]
  readonly file: string
  readonly random: RandomBytes
}

/** Makes the key file when there is no key at all. Throws an Error with a sentence when the file cannot be used. */
export function openKeyring({ fromEnvironment, file, random }: KeyringOptions): Keyring {
  if (fromEnvironment.length === 0 && readKeyFile(file) === null) createKeyFile(file, makeMasterKey(random))
  let fromFile = readKeyFile(file) ?? []

  const known = () => [...fromEnvironment, ...fromFile]
  const readAgain = () => {
    fromFile = readKeyFile(file) ?? []
  }

  return {
    source: fromEnvironment.length > 0 ? 'environment' : 'file',
    current() {
      if (fromEnvironment.length === 0) readAgain()
      const [key] = known()
      if (key === undefined) throw new Error(`The key file ${file} is gone: restore it from a backup.`)
      return key
    },
    find(id) {
      const held = known().find((key) => key.id === id)
      if (held !== undefined) return held
      readAgain()
      return known().find((key) => key.id === id) ?? null
    },
    rotate(inUse) {
      if (fromEnvironment.length > 0) return
      readAgain()
      const kept = fromFile.filter(({ id }, index) => index === 0 || inUse.has(id))
      replaceKeyFile(file, [makeMasterKey(random), ...kept])
      readAgain()
    },
  }
}
