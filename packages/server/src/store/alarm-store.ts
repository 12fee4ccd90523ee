/** The port to alarms: what an operator must look at, once each, until it is over. */
import type { AlarmKind } from '../alarms/alarm-kinds.ts'

/** How an alarm ended: its condition was over, or somebody has seen to it. */
export type ClearedBy = 'itself' | 'hand'

export type AlarmId = `alm_${string}`

export interface Alarm {
  readonly id: AlarmId
  /** null: it is about the whole server. */
  readonly appId: string | null
  readonly kind: AlarmKind
  /** What it is about: a payment id, an order, an app id, a part of the server. */
  readonly subject: string
  /** A sentence that says what happened. */
  readonly message: string
  /** Milliseconds since the epoch, as are the others. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** How often it was raised. */
  readonly count: number
  readonly clearedAt: number | null
  readonly clearedBy: ClearedBy | null
}

export type AlarmKey = Pick<Alarm, 'appId' | 'kind' | 'subject'>
export type NewAlarm = AlarmKey & Pick<Alarm, 'message'>

/**
 * `raised`: it did not stand before; `repeated`: it did, and is counted once more; `dismissed`: it was cleared by hand,
 * its condition goes on, and it stays cleared.
 */
export interface RaiseOutcome {
  readonly outcome: 'raised' | 'repeated' | 'dismissed'
  readonly alarm: Alarm
}

export interface AlarmQuery {
  /** The alarms of this app, and those of the whole server. */
  readonly appId: string
  /** false: also those that are over. */
  readonly onlyStanding: boolean
  /** Default: all. */
  readonly kind?: AlarmKind
  readonly limit: number
}

export interface AlarmStore {
  /** @param options.reopens whether one that was cleared by hand stands again */
  raise(alarm: NewAlarm, now: number, options: { readonly reopens: boolean }): Promise<RaiseOutcome>
  /**
   * null: it did not stand. By itself, it is also noted that the condition of an alarm is over that was cleared by hand:
   * the next one is raised again.
   */
  clear(alarm: AlarmKey, now: number, by: ClearedBy): Promise<Alarm | null>
  /** The newest first. */
  list(query: AlarmQuery): Promise<readonly Alarm[]>
  /** Standing alarms of all apps and of the server. */
  standing(limit: number): Promise<readonly Alarm[]>
  find(id: AlarmId): Promise<Alarm | null>
  /**
   * Alarms whose state `markTold` does not know yet, the oldest change first: those that stand, and those that ended
   * after `since`.
   */
  untold(options: { readonly since: number; readonly limit: number }): Promise<readonly Alarm[]>
  /** Notes that the alarm was passed on as it was then; one that changed in the meantime stays untold. */
  markTold(alarm: Pick<Alarm, 'id' | 'firstSeen' | 'clearedAt'>): Promise<void>
}
