/** The alarms in memory. */
import type { Alarm, AlarmStore } from '../alarm-store.ts'

export function createMemoryAlarmStore(): AlarmStore {
  /** In the order in which they were first raised. */
  const alarms = new Map<string, Alarm>()
  const keyOf = ({ appId, kind, subject }: Pick<Alarm, 'appId' | 'kind' | 'subject'>) =>
    JSON.stringify([appId, kind, subject])

  return {
    async raise(alarm, now) {
      const before = alarms.get(keyOf(alarm))
      const stands = before !== undefined && before.clearedAt === null
      alarms.set(keyOf(alarm), {
        ...alarm,
        firstSeen: stands ? before.firstSeen : now,
        lastSeen: now,
        count: stands ? before.count + 1 : 1,
        clearedAt: null,
      })
      return stands ? 'repeated' : 'raised'
    },
    async clear(alarm, now) {
      const before = alarms.get(keyOf(alarm))
      if (before === undefined || before.clearedAt !== null) return 'none'
      alarms.set(keyOf(alarm), { ...before, clearedAt: now })
      return 'cleared'
    },
    list: async ({ appId, onlyStanding, limit }) =>
      [...alarms.values()]
        .filter((alarm) => alarm.appId === appId && !(onlyStanding && alarm.clearedAt !== null))
        .reverse()
        .sort((a, b) => b.firstSeen - a.firstSeen)
        .slice(0, limit),
  }
}
