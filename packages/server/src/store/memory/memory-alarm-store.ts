/** The alarms in memory. */
import { alarmId } from '../alarm-id.ts'
import type { Alarm, AlarmStore } from '../alarm-store.ts'

export function createMemoryAlarmStore(): AlarmStore {
  /** In the order in which they were first raised. */
  const alarms = new Map<string, Alarm>()
  /** What was told of each: the time of its beginning or of its end. */
  const told = new Map<string, string>()
  const select = (isMeant: (alarm: Alarm) => boolean, limit: number) =>
    [...alarms.values()]
      .filter(isMeant)
      .reverse()
      .sort((a, b) => b.firstSeen - a.firstSeen)
      .slice(0, limit)

  return {
    async raise(alarm, now, { reopens }) {
      const id = alarmId(alarm)
      const before = alarms.get(id)
      const stands = before !== undefined && before.clearedAt === null
      const isDismissed = before?.clearedBy === 'hand' && !reopens
      const goesOn = stands || isDismissed
      const after: Alarm = {
        ...alarm,
        id,
        firstSeen: goesOn && before !== undefined ? before.firstSeen : now,
        lastSeen: now,
        count: goesOn && before !== undefined ? before.count + 1 : 1,
        clearedAt: isDismissed ? before.clearedAt : null,
        clearedBy: isDismissed ? 'hand' : null,
      }
      alarms.set(id, after)
      return { outcome: stands ? 'repeated' : isDismissed ? 'dismissed' : 'raised', alarm: after }
    },
    async clear(alarm, now, by) {
      const before = alarms.get(alarmId(alarm))
      if (before === undefined) return null
      if (before.clearedAt !== null) {
        if (by === 'itself') alarms.set(before.id, { ...before, clearedBy: 'itself' })
        return null
      }
      const after: Alarm = { ...before, clearedAt: now, clearedBy: by }
      alarms.set(before.id, after)
      return after
    },
    list: async ({ appId, onlyStanding, kind, limit }) =>
      select(
        (alarm) =>
          (alarm.appId === appId || alarm.appId === null) &&
          (kind === undefined || alarm.kind === kind) &&
          !(onlyStanding && alarm.clearedAt !== null),
        limit,
      ),
    standing: async (limit) => select(({ clearedAt }) => clearedAt === null, limit),
    find: async (id) => alarms.get(id) ?? null,
    untold: async ({ since, limit }) =>
      [...alarms.values()]
        .filter((alarm) => told.get(alarm.id) !== stateOf(alarm))
        .filter(({ clearedAt }) => clearedAt === null || clearedAt >= since)
        .sort((a, b) => (a.clearedAt ?? a.firstSeen) - (b.clearedAt ?? b.firstSeen))
        .slice(0, limit),
    async markTold(alarm) {
      told.set(alarm.id, stateOf(alarm))
    },
  }
}

function stateOf({ firstSeen, clearedAt }: Pick<Alarm, 'firstSeen' | 'clearedAt'>): string {
  return clearedAt === null ? `standing ${firstSeen}` : `over ${clearedAt}`
}
