/** Alarms that the store did not take, until it does: what fails first on a bad day must not hide that it fails. */
import { alarmId } from '../store/alarm-id.ts'
import type { Alarm, AlarmKey, AlarmStore, ClearedBy, NewAlarm, RaiseOutcome } from '../store/alarm-store.ts'

export interface HeldAlarms {
  raise(alarm: NewAlarm, now: number): RaiseOutcome
  /** null: none of these is held. */
  clear(alarm: AlarmKey, now: number, by: ClearedBy): Alarm | null
  /** Remembers that an alarm is over which the store could not be told of; until it is raised again. */
  oweClear(alarm: AlarmKey, now: number): void
  /** It is raised again: nothing is owed. */
  stands(alarm: AlarmKey): void
  find(id: string): Alarm | null
  all(): readonly Alarm[]
  /** Writes what is held, as far as the store takes it. @param cleared hears of each that ends only now */
  handOver(store: Pick<AlarmStore, 'raise' | 'clear'>, cleared: (alarm: Alarm) => void): Promise<void>
}

/** A part that fails without end raises the same few alarms; more than this many different ones are logged alone. */
const MOST_HELD = 1_000

export function createHeldAlarms(): HeldAlarms {
  const held = new Map<string, Alarm>()
  const owed = new Map<string, { readonly key: AlarmKey; readonly at: number }>()
  let isHandingOver = false

  async function writeAll(store: Pick<AlarmStore, 'raise' | 'clear'>): Promise<void> {
    for (const alarm of [...held.values()]) {
      const { appId, kind, subject, message, firstSeen, lastSeen, count, clearedAt, clearedBy } = alarm
      await store.raise({ appId, kind, subject, message }, firstSeen, { reopens: true })
      if (count > 1) await store.raise({ appId, kind, subject, message }, lastSeen, { reopens: true })
      if (clearedAt !== null) await store.clear({ appId, kind, subject }, clearedAt, clearedBy ?? 'itself')
      // One that was raised again meanwhile is another object, and stays for the next time.
      if (held.get(alarm.id) === alarm) held.delete(alarm.id)
    }
  }

  async function clearOwed(store: Pick<AlarmStore, 'clear'>, cleared: (alarm: Alarm) => void): Promise<void> {
    for (const [id, debt] of [...owed]) {
      // It was raised again while others were written.
      if (owed.get(id) !== debt) continue
      const over = await store.clear(debt.key, debt.at, 'itself')
      if (owed.get(id) === debt) owed.delete(id)
      if (over !== null) cleared(over)
    }
  }

  return {
    raise(alarm, now) {
      const id = alarmId(alarm)
      const before = held.get(id)
      const stands = before !== undefined && before.clearedAt === null
      const after: Alarm = {
        ...alarm,
        id,
        firstSeen: stands ? before.firstSeen : now,
        lastSeen: now,
        count: stands ? before.count + 1 : 1,
        clearedAt: null,
        clearedBy: null,
      }
      if (before !== undefined || held.size < MOST_HELD) held.set(id, after)
      return { outcome: stands ? 'repeated' : 'raised', alarm: after }
    },
    clear(alarm, now, by) {
      const before = held.get(alarmId(alarm))
      if (before === undefined || before.clearedAt !== null) return null
      const after: Alarm = { ...before, clearedAt: now, clearedBy: by }
      held.set(before.id, after)
      return after
    },
    oweClear({ appId, kind, subject }, now) {
      const key = { appId, kind, subject }
      const id = alarmId(key)
      if (owed.has(id) || owed.size < MOST_HELD) owed.set(id, { key, at: now })
    },
    stands: (alarm) => void owed.delete(alarmId(alarm)),
    find: (id) => held.get(id) ?? null,
    all: () => [...held.values()],
    async handOver(store, cleared) {
      if (isHandingOver || held.size + owed.size === 0) return
      isHandingOver = true
      try {
        await clearOwed(store, cleared)
        await writeAll(store)
      } finally {
        isHandingOver = false
      }
    },
  }
}
