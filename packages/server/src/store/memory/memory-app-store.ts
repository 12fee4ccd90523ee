/** The apps and their keys in memory. */
import type { AppRecord, AppStore } from '../app-store.ts'

type Keys = Pick<AppRecord, 'clientKeys' | 'serverKeyHashes'>

export function createMemoryAppStore(): AppStore {
  const apps = new Map<string, AppRecord>()

  function assertKeysAreFree(keys: Keys, except: string): void {
    const others = [...apps.values()].filter(({ appId }) => appId !== except)
    const taken = new Set(others.flatMap((app) => [...app.clientKeys, ...app.serverKeyHashes]))
    const given = [...keys.clientKeys, ...keys.serverKeyHashes]
    if (new Set(given).size < given.length || given.some((key) => taken.has(key))) {
      throw new Error('A key belongs to one app, once')
    }
  }

  return {
    list: async () => [...apps.values()],
    async insert(record) {
      if (apps.has(record.appId)) throw new Error(`There is an app ${record.appId} already`)
      assertKeysAreFree(record, record.appId)
      apps.set(record.appId, { ...record })
    },
    async replaceKeys(appId, { clientKeys, serverKeyHashes }) {
      const app = apps.get(appId)
      if (app === undefined) throw new Error(`There is no app ${appId}`)
      assertKeysAreFree({ clientKeys, serverKeyHashes }, appId)
      apps.set(appId, { ...app, clientKeys: [...clientKeys], serverKeyHashes: [...serverKeyHashes] })
    },
  }
}
