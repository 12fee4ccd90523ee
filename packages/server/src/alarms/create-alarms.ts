/** Raises and clears alarms: each is logged once when it begins and once when it is over, and passed on both times. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Alarm, AlarmKey, AlarmQuery, AlarmStore } from '../store/alarm-store.ts'
import { alarmKinds } from './alarm-kinds.ts'
import type { Alarms } from './alarms.ts'
import { createHeldAlarms } from './held-alarms.ts'

/** `cleared` is told once, and `raised` too; what is counted once more is told nobody. */
export type AlarmChange = 'raised' | 'cleared'

export interface AlarmDesk extends Alarms {
  /** Somebody has seen to it. null: there is no such alarm of this app, or of the server. */
  clearByHand(id: string, appId: string): Promise<Alarm | null>
  find(id: string, appId: string): Promise<Alarm | null>
  /** Those that the store has not taken yet are among them. */
  list(query: AlarmQuery): Promise<readonly Alarm[]>
  /** Calls `heard` at each change until the returned function is called. Must not throw. */
  onChange(heard: (change: AlarmChange, alarm: Alarm) => void): () => void
  /** Gives the store what it did not take before; for a timer. Never rejects. */
  handOver(): Promise<void>
}

export interface AlarmDeskDeps {
  readonly store: AlarmStore
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
}

export function createAlarms({ store, clock, log }: AlarmDeskDeps): AlarmDesk {
  const held = createHeldAlarms()
  const hearers = new Set<(change: AlarmChange, alarm: Alarm) => void>()

  function tell(change: AlarmChange, alarm: Alarm): void {
    const { severity, title, meaning, action } = alarmKinds[alarm.kind]
    const facts = { appId: alarm.appId, alarm: alarm.kind, subject: alarm.subject, alarmId: alarm.id }
    if (change === 'cleared') log.warn({ ...facts, by: alarm.clearedBy }, `The alarm is over: ${title}`)
    else log[severity === 'critical' ? 'error' : 'warn']({ ...facts, meaning, action }, alarm.message)
    for (const heard of hearers) heard(change, alarm)
  }

  async function raise(alarm: Parameters<Alarms['raise']>[0]): Promise<void> {
    const now = clock.now()
    held.stands(alarm)
    const reopens = alarmKinds[alarm.kind].form === 'incident'
    const { outcome, alarm: raised } = await store
      .raise(alarm, now, { reopens })
      .catch(() => held.raise(alarm, now))
    if (outcome === 'raised') tell('raised', raised)
  }

  async function clear(key: AlarmKey, by: 'itself' | 'hand'): Promise<Alarm | null> {
    const now = clock.now()
    // First what is held: once it is over there, it is over in the store as well.
    const wasHeld = held.clear(key, now, by)
    const cleared = await store.clear(key, now, by).catch((error: unknown) => {
      if (wasHeld !== null) return null
      if (by === 'hand') throw error
      // Whoever watches a condition says once that it is over, and an alarm must not stand for ever after it.
      held.oweClear(key, now)
      return null
    })
    const over = wasHeld ?? cleared
    if (over !== null) tell('cleared', over)
    return over
  }

  const isOf = (appId: string) => (alarm: Alarm) => alarm.appId === appId || alarm.appId === null

  async function find(id: string, appId: string): Promise<Alarm | null> {
    const found = held.find(id) ?? (/^alm_\w+$/.test(id) ? await store.find(id as Alarm['id']) : null)
    return found !== null && isOf(appId)(found) ? found : null
  }

  return {
    raise,
    async clear(key) {
      await clear(key, 'itself')
    },
    find,
    async clearByHand(id, appId) {
      const alarm = await find(id, appId)
      if (alarm === null) return null
      await clear(alarm, 'hand')
      return find(id, appId)
    },
    async list(query) {
      const mine = held
        .all()
        .filter(isOf(query.appId))
        .filter(({ kind }) => query.kind === undefined || kind === query.kind)
        .filter(({ clearedAt }) => !query.onlyStanding || clearedAt === null)
      // Where even reading fails, what is held is all there is to say, and it says that.
      const stored = await store.list(query).catch((error: unknown) => {
        if (mine.length === 0) throw error
        return []
      })
      const ids = new Set(mine.map(({ id }) => id))
      return [...mine, ...stored.filter(({ id }) => !ids.has(id))]
        .sort((a, b) => b.firstSeen - a.firstSeen)
        .slice(0, query.limit)
    },
    onChange(heard) {
      hearers.add(heard)
      return () => void hearers.delete(heard)
    },
    async handOver() {
      await held.handOver(store, (alarm) => tell('cleared', alarm)).catch(() => undefined)
    },
  }
}
