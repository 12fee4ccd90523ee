/** What every backend of the apps and their keys must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AppRecord, AppStore } from './app-store.ts'
import type { Store } from './store.ts'

function anApp(overrides: Partial<AppRecord> = {}): AppRecord {
  return {
    appId: 'app_1',
    mode: 'test',
    clientKeys: ['client-key-1', 'client-key-2'],
    serverKeyHashes: ['hash-1'],
    watchSigningKey: Uint8Array.from({ length: 32 }, (_, index) => index * 7),
    createdAt: 1_790_000_000_000,
    ...overrides,
  }
}

export function appStoreConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  describe(`the apps on ${backend}`, () => {
    let store: Store
    let apps: AppStore
    beforeEach(async () => {
      store = await openStore()
      apps = store.apps
    })
    afterEach(() => store.close())

    test('a fresh store has no apps', async () => {
      expect(await apps.list()).toEqual([])
    })

    test('an app comes back as it was inserted', async () => {
      await apps.insert(anApp())
      expect(await apps.list()).toEqual([anApp()])
    })

    test('apps are listed in the order of their creation', async () => {
      const second = anApp({
        appId: 'app_0',
        mode: 'live',
        clientKeys: ['client-key-3'],
        serverKeyHashes: [],
      })
      await apps.insert(anApp())
      await apps.insert(second)
      expect((await apps.list()).map(({ appId }) => appId)).toEqual(['app_1', 'app_0'])
      expect((await apps.list())[1]).toEqual(second)
    })

    test('replacing the keys leaves the rest of the app alone', async () => {
      await apps.insert(anApp())
      const keys = { clientKeys: ['client-key-2', 'client-key-9'], serverKeyHashes: ['hash-2', 'hash-3'] }
      await apps.replaceKeys('app_1', keys)
      expect(await apps.list()).toEqual([anApp(keys)])
    })

    test('an app id is taken once', async () => {
      await apps.insert(anApp())
      await expect(apps.insert(anApp({ clientKeys: ['other'], serverKeyHashes: [] }))).rejects.toThrow()
      expect(await apps.list()).toEqual([anApp()])
    })

    test('a key belongs to one app: an insert that shares one keeps nothing', async () => {
      await apps.insert(anApp())
      await expect(
        apps.insert(anApp({ appId: 'app_2', clientKeys: ['new', 'client-key-1'], serverKeyHashes: [] })),
      ).rejects.toThrow()
      expect(await apps.list()).toEqual([anApp()])
    })

    test('the keys of an unknown app cannot be replaced', async () => {
      await expect(apps.replaceKeys('app_9', { clientKeys: [], serverKeyHashes: [] })).rejects.toThrow(
        /app_9/,
      )
    })
  })
}
