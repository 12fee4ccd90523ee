/** What every backend of the doubts must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Doubt } from './doubt-store.ts'
import { NOON } from './event-store-fixture.conformance.ts'
import type { Store } from './store.ts'

const DOUBT: Doubt = { appId: 'app_1', since: 1_000, reason: 'restored', notedAt: NOON }

export function doubtStoreConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  describe(`the doubts on ${backend}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await openStore()
    })
    afterEach(() => store.close())

    test('a doubt stands for its app until it is settled', async () => {
      const { doubts } = store
      expect(await doubts.standing('app_1')).toBeNull()
      await doubts.raise(DOUBT)
      await doubts.raise({ ...DOUBT, appId: 'app_2' })
      expect(await doubts.standing('app_1')).toEqual(DOUBT)
      expect((await doubts.list()).map(({ appId }) => appId)).toEqual(['app_1', 'app_2'])
      expect(await doubts.settle(DOUBT)).toBe('settled')
      expect(await doubts.standing('app_1')).toBeNull()
      expect((await doubts.list()).map(({ appId }) => appId)).toEqual(['app_2'])
    })

    test('of two doubts the earlier time counts', async () => {
      const { doubts } = store
      await doubts.raise(DOUBT)
      await doubts.raise({ ...DOUBT, since: 2_000, reason: 'went_back', notedAt: NOON + 1 })
      expect(await doubts.standing('app_1')).toEqual({ ...DOUBT, reason: 'went_back', notedAt: NOON + 1 })
      await doubts.raise({ ...DOUBT, since: 500, notedAt: NOON + 2 })
      expect(await doubts.standing('app_1')).toMatchObject({ since: 500 })
    })

    test('a comparison that began before a doubt was raised again does not end it', async () => {
      const { doubts } = store
      await doubts.raise(DOUBT)
      await doubts.raise({ ...DOUBT, notedAt: NOON + 1 })
      expect(await doubts.settle(DOUBT)).toBe('changed')
      expect(await doubts.standing('app_1')).toMatchObject({ notedAt: NOON + 1 })
    })
  })
}
