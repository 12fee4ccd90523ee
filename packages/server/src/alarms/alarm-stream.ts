/** `GET /v1/stream?channel=alarms`: the standing alarms, and then each change, to a server key. */
import type { FastifyReply } from 'fastify'
import type { Principal } from '../access/principal.ts'
import { type Standings, standingOf } from '../access/standings.ts'
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
  readonly standings: Pick<Standings, 'hold'>
  /** Takes the response over; null: the reader is gone already. */
  openStream(reply: FastifyReply, appId: string, onClose: () => void): AlarmReader | null
}

/** Throws before the response is taken over. */
export type AlarmStream = (reply: FastifyReply, principal: Principal) => Promise<void>

const MOST_STANDING = 100

export function createAlarmStream({ alarms, standings, openStream }: AlarmStreamDeps): AlarmStream {
  return async (reply, principal) => {
    const { appId } = principal
    // Heard from before the list is read: a change in between comes twice rather than not at all.
    const early: (readonly ['raised' | 'cleared', Alarm])[] = []
    let tell = (change: 'raised' | 'cleared', alarm: Alarm): void => void early.push([change, alarm])
    const stopHearing = alarms.onChange((change, alarm) => {
      if (alarm.appId === null || alarm.appId === appId) tell(change, alarm)
    })
    try {
      const standing = await alarms.list({ appId, onlyStanding: true, limit: MOST_STANDING })
      let letGo = () => {}
      const reader = openStream(reply, appId, () => {
        stopHearing()
        letGo()
      })
      if (reader === null) return
      letGo = standings.hold(standingOf(principal, ['read']), (reason) => reader.end(reason))
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
