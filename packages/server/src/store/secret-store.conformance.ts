/** What every backend of the secrets and of its own health must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { anEvent, stored } from './event-store-fixture.conformance.ts'
import type { SecretStore, StoredSecret } from './secret-store.ts'
import type { Store } from './store.ts'

function aSecret(overrides: Partial<StoredSecret> = {}): StoredSecret {
  return {
    appId: 'app_1',
    name: 'stripe_secret_key',
    value: 'sealed-1',
    note: null,
    createdAt: 1_790_000_000_000,
    validUntil: null,
    ...overrides,
  }
}

export function secretStoreConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  let store: Store
  let secrets: SecretStore
  beforeEach(async () => {
    store = await openStore()
    secrets = store.secrets
  })
  afterEach(() => store.close())

  describe(`the secrets on ${backend}`, () => {
    test('a secret comes back as it was put, and putting it again replaces it', async () => {
      await secrets.apply([{ kind: 'put', secret: aSecret({ note: 'we_1', validUntil: 9 }) }])
      expect(await secrets.list()).toEqual([aSecret({ note: 'we_1', validUntil: 9 })])
      await secrets.apply([{ kind: 'put', secret: aSecret({ value: 'sealed-2' }) }])
      expect(await secrets.list()).toEqual([aSecret({ value: 'sealed-2' })])
    })

    test('adding keeps what is there', async () => {
      await secrets.apply([{ kind: 'add', secret: aSecret() }])
      await secrets.apply([{ kind: 'add', secret: aSecret({ value: 'sealed-2' }) }])
      expect(await secrets.list()).toEqual([aSecret()])
    })

    test('they are listed by app, creation and name', async () => {
      const listed = [
        aSecret({ name: 'b', createdAt: 1 }),
        aSecret({ name: 'a', createdAt: 2 }),
        aSecret({ name: 'c', createdAt: 2 }),
        aSecret({ appId: 'app_2', name: 'a', createdAt: 0 }),
      ]
      await secrets.apply(listed.toReversed().map((secret) => ({ kind: 'put', secret })))
      expect(await secrets.list()).toEqual(listed)
    })

    test('resealing changes a value only while it is the one that was read', async () => {
      await secrets.apply([{ kind: 'put', secret: aSecret() }])
      const reseal = { kind: 'reseal', appId: 'app_1', name: 'stripe_secret_key' } as const
      await secrets.apply([{ ...reseal, from: 'something-else', to: 'lost' }])
      expect(await secrets.list()).toEqual([aSecret()])
      await secrets.apply([{ ...reseal, from: 'sealed-1', to: 'sealed-2' }])
      expect(await secrets.list()).toEqual([aSecret({ value: 'sealed-2' })])
    })

    test('removing takes one away, and scrubbing changes nothing', async () => {
      await secrets.apply([
        { kind: 'put', secret: aSecret() },
        { kind: 'put', secret: aSecret({ appId: 'app_2' }) },
      ])
      await secrets.apply([{ kind: 'remove', appId: 'app_1', name: 'stripe_secret_key' }])
      await secrets.scrub()
      expect(await secrets.list()).toEqual([aSecret({ appId: 'app_2' })])
    })
  })

  describe(`the health of ${backend}`, () => {
    test('a fresh store can be written, lacks no migration, and has nothing waiting', async () => {
      await store.health.probeWrite(7)
      expect(await store.health.missingMigrations()).toEqual([])
      expect(await store.health.backlog('app_1')).toEqual({ waiting: 0, oldestAt: null, dead: 0 })
    })

    test('events that wait, that failed and that are dead are told apart, by app', async () => {
      const insert = async (receivedAt: number, appId = 'app_1') => {
        const inserted = await store.events.insertOnce(anEvent({ appId, receivedAt }), { leaseMs: 1000 })
        return stored(inserted).lease
      }
      await insert(300)
      const failed = await insert(100)
      const dead = await insert(50)
      const handled = await insert(20)
      await insert(10, 'app_2')
      const failure = { error: 'x', startedAt: 1, now: 2 }
      await store.events.fail(failed, { ...failure, retryAt: 5000 })
      await store.events.fail(dead, { ...failure, retryAt: null })
      await store.events.finish(handled, { changes: [], startedAt: 1, now: 2 })
      expect(await store.health.backlog('app_1')).toEqual({ waiting: 2, oldestAt: 100, dead: 1 })
      expect(await store.health.backlog('app_2')).toEqual({ waiting: 1, oldestAt: 10, dead: 0 })
      expect(await store.health.queues()).toEqual({ oldestDueAt: 1010, openAttempts: 0 })
    })
  })
}
