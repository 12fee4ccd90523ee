/** What every backend of the apps and their keys must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ServerKey } from '../access/server-key.ts'
import { type AppRecord, type AppStore, undecidedSettings } from './app-store.ts'
import type { Store } from './store.ts'

function aServerKey(hash: string, overrides: Partial<ServerKey> = {}): ServerKey {
  return {
    hash,
    name: '',
    scopes: ['read', 'payments'],
    madeBy: null,
    createdAt: null,
    lastFour: null,
    ...overrides,
  }
}

function anApp(overrides: Partial<AppRecord> = {}): AppRecord {
  return {
    ...undecidedSettings,
    appId: 'app_1',
    mode: 'test',
    origin: 'environment',
    clientKeys: ['client-key-1', 'client-key-2'],
    serverKeys: [aServerKey('hash-1')],
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

    test('one Stripe account has one enabled app of a mode, whoever asks and however they race', async () => {
      const written = { outcome: 'written' }
      const taken = { outcome: 'account_taken', by: 'app_1' }
      const app = (n: number, more: Partial<AppRecord> = {}) =>
        anApp({ appId: `app_${n}`, clientKeys: [`c${n}`], serverKeys: [aServerKey(`h${n}`)], ...more })
      for (const record of [app(1), app(2), app(3, { mode: 'live' })]) await apps.insert(record)
      const claim = (n: number, changes: Partial<AppRecord>) => apps.update(`app_${n}`, changes)
      const before = await apps.version()
      const raced = await Promise.all([1, 2].map((n) => claim(n, { stripeAccountId: 'acct_1' })))
      expect(raced).toEqual([written, taken])
      expect(await apps.version()).toBe(before + 1)
      expect(await claim(3, { stripeAccountId: 'acct_1' })).toEqual(written)
      expect(await apps.insert(app(4, { stripeAccountId: 'acct_1' }))).toEqual(taken)
      expect((await apps.list()).map(({ appId }) => appId)).toEqual(['app_1', 'app_2', 'app_3'])
      expect(await claim(1, { stripeAccountId: 'acct_1', name: 'Again' })).toEqual(written)
      // Where the account is not shown, the publishable key tells.
      expect(await claim(1, { publishableKey: 'pk_test_1' })).toEqual(written)
      expect(await claim(2, { publishableKey: 'pk_test_1' })).toEqual(taken)
      // Disabled, it gives the account free, and is not enabled beside the next.
      expect(await claim(1, { disabledAt: 5 })).toEqual(written)
      expect(await claim(2, { stripeAccountId: 'acct_1' })).toEqual(written)
      expect(await claim(1, { disabledAt: null })).toEqual({ outcome: 'account_taken', by: 'app_2' })
      expect((await apps.list()).map((it) => [it.appId, it.stripeAccountId, it.disabledAt])).toEqual([
        ['app_1', 'acct_1', 5],
        ['app_2', 'acct_1', null],
        ['app_3', 'acct_1', null],
      ])
    })

    test('a fresh store has no apps', async () => {
      expect(await apps.list()).toEqual([])
    })

    test('an app comes back as it was inserted', async () => {
      const decided = anApp({
        origin: 'admin',
        name: 'The shop',
        currency: 'eur',
        publishableKey: 'pk_test_1',
        stripeAccountId: 'acct_1',
        publicUrl: 'https://pay.example.com',
        apiBase: 'http://127.0.0.1:1',
        webhookEndpointId: 'we_1',
        disabledAt: 5,
      })
      await apps.insert(decided)
      expect(await apps.list()).toEqual([decided])
    })

    test('apps are listed in the order of their creation', async () => {
      const second = anApp({
        appId: 'app_0',
        mode: 'live',
        clientKeys: ['client-key-3'],
        serverKeys: [],
      })
      await apps.insert(anApp())
      await apps.insert(second)
      expect((await apps.list()).map(({ appId }) => appId)).toEqual(['app_1', 'app_0'])
      expect((await apps.list())[1]).toEqual(second)
    })

    test('keys are changed one by one, whatever else is there, and the rest of the app stays', async () => {
      const report = aServerKey('hash-3', {
        name: 'the report',
        scopes: [],
        madeBy: { kind: 'command_line', id: 'jo:anne' },
        createdAt: 7,
        lastFour: 'x_-9',
      })
      await apps.insert(anApp())
      await apps.changeKeys('app_1', { kind: 'add_client_key', key: 'client-key-9' })
      await apps.changeKeys('app_1', { kind: 'remove_client_key', key: 'client-key-1' })
      await apps.changeKeys('app_1', { kind: 'add_server_key', key: aServerKey('hash-2') })
      await apps.changeKeys('app_1', { kind: 'add_server_key', key: report })
      await apps.changeKeys('app_1', { kind: 'remove_server_keys', hashes: ['hash-1', 'hash-2'] })
      await apps.changeKeys('app_1', {
        kind: 'change_server_keys',
        keys: [
          { hash: 'hash-3', name: 'the other', gained: ['read', 'ui'], lost: ['payments'] },
          { hash: 'hash-2', name: 'gone', gained: ['admin'], lost: [] },
        ],
      })
      // A new name brings no scope back that was taken away meanwhile.
      await apps.changeKeys('app_1', {
        kind: 'change_server_keys',
        keys: [{ hash: 'hash-3', gained: [], lost: [] }],
      })
      expect(await apps.list()).toEqual([
        anApp({
          clientKeys: ['client-key-9', 'client-key-2'],
          serverKeys: [{ ...report, name: 'the other', scopes: ['read', 'ui'] }],
        }),
      ])
      await apps.changeKeys('app_1', { kind: 'replace_client_keys', keys: ['b', 'a'] })
      expect((await apps.list())[0]?.clientKeys).toEqual(['b', 'a'])
    })

    test('an update changes what it names, null included, and leaves the rest', async () => {
      await apps.insert(anApp({ name: 'Before', currency: 'usd' }))
      await apps.update('app_1', { currency: null, publicUrl: 'https://pay.example.com' })
      expect(await apps.list()).toEqual([
        anApp({ name: 'Before', currency: null, publicUrl: 'https://pay.example.com' }),
      ])
    })

    test('an app id is taken once', async () => {
      await apps.insert(anApp())
      await expect(apps.insert(anApp({ clientKeys: ['other'], serverKeys: [] }))).rejects.toThrow()
      expect(await apps.list()).toEqual([anApp()])
    })

    test('a key belongs to one app: an insert that shares one keeps nothing', async () => {
      await apps.insert(anApp())
      await expect(
        apps.insert(anApp({ appId: 'app_2', clientKeys: ['new', 'client-key-1'], serverKeys: [] })),
      ).rejects.toThrow()
      expect(await apps.list()).toEqual([anApp()])
    })

    test('neither the keys nor the settings of an unknown app can be changed', async () => {
      await expect(apps.changeKeys('app_9', { kind: 'add_client_key', key: 'x' })).rejects.toThrow(/app_9/)
      await expect(apps.update('app_9', { name: 'x' })).rejects.toThrow(/app_9/)
    })

    test('operator keys are added, listed and removed', async () => {
      await apps.addOperatorKey('hash-a', 1)
      await apps.addOperatorKey('hash-b', 2)
      await apps.removeOperatorKey('hash-a')
      expect(await apps.operatorKeyHashes()).toEqual(['hash-b'])
    })

    test('the version grows with every change, and with nothing else', async () => {
      const secret = { appId: 'app_1', name: 'x', value: 'y', note: null, createdAt: 1, validUntil: null }
      const changes = [
        () => apps.insert(anApp()),
        () => apps.update('app_1', { name: 'x' }),
        () => apps.changeKeys('app_1', { kind: 'remove_client_key', key: 'client-key-2' }),
        () => apps.addOperatorKey('hash', 1),
        () => apps.removeOperatorKey('hash'),
        () => store.secrets.apply([{ kind: 'put', secret }]),
      ]
      let last = await apps.version()
      for (const change of changes) {
        await change()
        const version = await apps.version()
        expect(version).toBeGreaterThan(last)
        last = version
      }
      await apps.list()
      await store.health.probeWrite(1)
      expect(await apps.version()).toBe(last)
    })
  })
}
