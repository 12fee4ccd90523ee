/** What every backend of the alarms and of gap repair's progress must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NOON } from './event-store-fixture.conformance.ts'
import type { Store } from './store.ts'

const ALARM = { appId: 'app_1', kind: 'amount_mismatch', subject: 'pi_1', message: 'Look at pi_1.' } as const

export function alarmStoreConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  describe(`the alarms on ${backend}`, () => {
    let store: Store
    let alarms: Store['alarms']
    beforeEach(async () => {
      store = await openStore()
      alarms = store.alarms
    })
    afterEach(() => store.close())

    const list = (onlyStanding: boolean, limit = 10) => alarms.list({ appId: 'app_1', onlyStanding, limit })

    test('an alarm is raised once, and then counted', async () => {
      expect(await alarms.raise(ALARM, NOON)).toBe('raised')
      expect(await alarms.raise({ ...ALARM, message: 'Look again.' }, NOON + 5)).toBe('repeated')
      expect(await list(true)).toEqual([
        {
          ...ALARM,
          message: 'Look again.',
          firstSeen: NOON,
          lastSeen: NOON + 5,
          count: 2,
          clearedAt: null,
        },
      ])
    })

    test('a cleared alarm is over, and begins anew when it is raised again', async () => {
      expect(await alarms.clear(ALARM, NOON)).toBe('none')
      await alarms.raise(ALARM, NOON)
      expect(await alarms.clear(ALARM, NOON + 1)).toBe('cleared')
      expect(await alarms.clear(ALARM, NOON + 2)).toBe('none')
      expect(await list(true)).toEqual([])
      expect(await list(false)).toMatchObject([{ subject: 'pi_1', clearedAt: NOON + 1 }])
      expect(await alarms.raise(ALARM, NOON + 3)).toBe('raised')
      expect(await list(true)).toMatchObject([{ firstSeen: NOON + 3, count: 1, clearedAt: null }])
    })

    test('the newest come first, of one app, up to the limit', async () => {
      for (const n of [1, 2, 3]) await alarms.raise({ ...ALARM, subject: `pi_${n}` }, NOON + n)
      await alarms.raise({ ...ALARM, appId: 'app_2' }, NOON)
      expect((await list(true, 2)).map(({ subject }) => subject)).toEqual(['pi_3', 'pi_2'])
    })

    test('the progress of gap repair is kept for each app, and never goes back', async () => {
      const { repairProgress } = store
      expect(await repairProgress.get('app_1')).toBeNull()
      await repairProgress.advance('app_1', 500)
      await repairProgress.advance('app_1', 400)
      await repairProgress.advance('app_2', 100)
      expect(await repairProgress.get('app_1')).toBe(500)
      expect(await repairProgress.get('app_2')).toBe(100)
    })
  })
}
