/** What every backend of the alarms and of gap repair's progress must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ClearedBy, NewAlarm } from './alarm-store.ts'
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
    const raise = (more: Partial<NewAlarm> = {}, now = NOON, reopens = true) =>
      alarms.raise({ ...ALARM, ...more }, now, { reopens })
    const clear = (now: number, by: ClearedBy = 'itself') => alarms.clear(ALARM, now, by)

    test('an alarm is raised once, and then counted', async () => {
      expect((await raise()).outcome).toBe('raised')
      const { outcome, alarm } = await raise({ message: 'Look again.' }, NOON + 5)
      expect(outcome).toBe('repeated')
      expect(alarm).toEqual({
        ...ALARM,
        id: expect.stringMatching(/^alm_\w+$/),
        message: 'Look again.',
        firstSeen: NOON,
        lastSeen: NOON + 5,
        count: 2,
        clearedAt: null,
        clearedBy: null,
      })
      expect(await list(true)).toEqual([alarm])
      expect(await alarms.find(alarm.id)).toEqual(alarm)
      expect(await alarms.find('alm_none')).toBeNull()
    })

    test('a cleared alarm is over, and begins anew when it is raised again', async () => {
      expect(await clear(NOON)).toBeNull()
      await raise()
      expect(await clear(NOON + 1)).toMatchObject({ clearedAt: NOON + 1, clearedBy: 'itself' })
      expect(await clear(NOON + 2)).toBeNull()
      expect(await list(true)).toEqual([])
      expect(await list(false)).toMatchObject([{ subject: 'pi_1', clearedAt: NOON + 1 }])
      expect((await raise({}, NOON + 3, false)).outcome).toBe('raised')
      expect(await list(true)).toMatchObject([
        { firstSeen: NOON + 3, count: 1, clearedAt: null, clearedBy: null },
      ])
    })

    test('what was cleared by hand stays quiet while its condition goes on, and no longer', async () => {
      await raise()
      await clear(NOON + 1, 'hand')
      expect((await raise({}, NOON + 2, false)).outcome).toBe('dismissed')
      expect(await list(false)).toMatchObject([{ count: 2, clearedAt: NOON + 1, clearedBy: 'hand' }])
      expect(await clear(NOON + 3)).toBeNull()
      expect((await raise({}, NOON + 4, false)).outcome).toBe('raised')
    })

    test('an incident that was cleared by hand is raised when it happens again', async () => {
      await raise()
      await clear(NOON + 1, 'hand')
      expect(await raise({}, NOON + 2, true)).toMatchObject({ outcome: 'raised', alarm: { count: 1 } })
    })

    test('the newest come first, of one app and of the server, up to the limit', async () => {
      for (const n of [1, 2, 3]) await raise({ subject: `pi_${n}` }, NOON + n)
      await raise({ appId: 'app_2' })
      await raise({ appId: null, kind: 'disk_nearly_full', subject: 'disk' }, NOON + 9)
      expect((await list(true, 3)).map(({ subject }) => subject)).toEqual(['disk', 'pi_3', 'pi_2'])
      const ofKind = await alarms.list({
        appId: 'app_2',
        onlyStanding: true,
        kind: 'amount_mismatch',
        limit: 9,
      })
      expect(ofKind.map(({ appId }) => appId)).toEqual(['app_2'])
      expect(await alarms.standing(9)).toHaveLength(5)
    })

    test('each change is told once; one that came while it was told is told after', async () => {
      const untold = async (since = NOON) =>
        (await alarms.untold({ since, limit: 9 })).map(({ clearedAt }) => clearedAt)
      const { alarm } = await raise()
      expect(await untold()).toEqual([null])
      await raise({}, NOON + 1)
      await alarms.markTold(alarm)
      expect(await untold()).toEqual([])
      await clear(NOON + 2)
      await alarms.markTold(alarm)
      expect(await untold()).toEqual([NOON + 2])
      expect(await untold(NOON + 3)).toEqual([])
      await alarms.markTold({ ...alarm, clearedAt: NOON + 2 })
      expect(await untold()).toEqual([])
      await raise({}, NOON + 4)
      expect(await untold()).toEqual([null])
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
