/** `GET /v1/stream?channel=alarms`: the standing alarms, and then each change, to a server key. */
import type { FastifyReply } from 'fastify'
import type { ServiceError } from '../errors.ts'
import type { Alarm } from '../store/alarm-store.ts'
import { alarmJson } from './alarm-json.ts'
import type { AlarmDesk } from './create-alarms.ts'

export interface AlarmReader {
  send(event: string, data: unknown): void
  end(reason: ServiceError): void
}

export interface AlarmStreamDeps {
  readonly alarms: Pick<AlarmDesk, 'list' | 'onChange'>
  /** Takes the response over; null: the reader is gone already. */
  openStream(reply: FastifyReply, appId: string, onClose: () => void): AlarmReader | null
}

export type AlarmStream = (reply: FastifyReply, appId: string) => Promise<void>

const MOST_STANDING = 100

export function createAlarmStream({ alarms, openStream }: AlarmStreamDeps): AlarmStream {
  return async (reply, appId) => {
    // Heard from before the list is read: a change in between comes twice rather than not at all.
    const early: (readonly ['raised' | 'cleared', Alarm])[] = []
    let tell = (change: 'raised' | 'cleared', alarm: Alarm): void => void early.push([change, alarm])
    const stopHearing = alarms.onChange((change, alarm) => {
      if (alarm.appId === null || alarm.appId === appId) tell(change, alarm)
    })
    try {
      const standing = await alarms.list({ appId, onlyStanding: true, limit: MOST_STANDING })
      const reader = openStream(reply, appId, stopHearing)
      if (reader === null) return
      tell = (change, alarm) => reader.send(`alarm.${change}`, alarmJson(alarm))
      for (const alarm of [...standing].reverse()) tell('raised', alarm)
      const told = new Set(standing.map(({ id }) => id))
      for (const [change, alarm] of early)
        if (change === 'cleared' || !told.has(alarm.id)) tell(change, alarm)
    } catch (error) {
      stopHearing()
      throw error
    }
  }
}
