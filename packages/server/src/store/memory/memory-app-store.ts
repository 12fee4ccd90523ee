/** The apps and their keys in memory. */
import type { AppKeys, AppRecord, AppStore } from '../app-store.ts'

export interface MemoryAppStoreDeps {
  /** Counts the changes of apps, keys and secrets. */
  readonly changes: { version: number }
}

export function createMemoryAppStore({ changes }: MemoryAppStoreDeps): AppStore {
  const apps = new Map<string, AppRecord>()
  const operatorKeys = new Set<string>()

  function assertKeysAreFree(keys: AppKeys, except: string): void {
    const others = [...apps.values()].filter(({ appId }) => appId !== except)
    const all = ({ clientKeys, serverKeys }: AppKeys) => [
      ...clientKeys,
      ...serverKeys.map(({ hash }) => hash),
    ]
    const taken = new Set(others.flatMap(all))
    const given = all(keys)
    if (new Set(given).size < given.length || given.some((key) => taken.has(key))) {
      throw new Error('A key belongs to one app, once')
    }
  }

  function mustExist(appId: string): AppRecord {
    const app = apps.get(appId)
    if (app === undefined) throw new Error(`There is no app ${appId}`)
    return app
  }

  return {
    list: async () => [...apps.values()],
    async insert(record) {
      if (apps.has(record.appId)) throw new Error(`There is an app ${record.appId} already`)
      assertKeysAreFree(record, record.appId)
      apps.set(record.appId, { ...record })
      changes.version += 1
    },
    async replaceKeys(appId, { clientKeys, serverKeys }) {
      const app = mustExist(appId)
      assertKeysAreFree({ clientKeys, serverKeys }, appId)
      apps.set(appId, { ...app, clientKeys: [...clientKeys], serverKeys: [...serverKeys] })
      changes.version += 1
    },
    async update(appId, changed) {
      const app = mustExist(appId)
      const given = Object.entries(changed).filter(([, value]) => value !== undefined)
      apps.set(appId, { ...app, ...Object.fromEntries(given) })
      changes.version += 1
    },
    version: async () => changes.version,
    operatorKeyHashes: async () => [...operatorKeys],
    async addOperatorKey(hash) {
      if (operatorKeys.has(hash)) throw new Error('There is this operator key already')
      operatorKeys.add(hash)
      changes.version += 1
    },
    async removeOperatorKey(hash) {
      operatorKeys.delete(hash)
      changes.version += 1
    },
  }
}
