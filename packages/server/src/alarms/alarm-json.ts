/** Alarms as `/v1/alarms`, the stream and ALARM_URL show them. */
import { z } from 'zod'
import type { Alarm } from '../store/alarm-store.ts'
import { type AlarmKind, alarmKinds } from './alarm-kinds.ts'

const seconds = z.int()

export const alarmKindSchema = z.enum(Object.keys(alarmKinds) as [AlarmKind, ...AlarmKind[]], {
  error: `must be one of ${Object.keys(alarmKinds).join(', ')}`,
})

export const alarmSchema = z.object({
  object: z.literal('alarm'),
  id: z.string(),
  app_id: z.string().nullable().describe('null: it is about the whole server.'),
  kind: alarmKindSchema,
  severity: z.enum(['critical', 'warning']),
  subject: z.string().describe('What it is about: a payment, an order, the app, a part of the server.'),
  title: z.string(),
  message: z.string().describe('What happened.'),
  meaning: z.string().describe('What it means for the app and its payers.'),
  action: z.string().describe('What to do.'),
  first_seen: seconds,
  last_seen: seconds,
  count: z.int().describe('How often it was raised.'),
  cleared_at: seconds.nullable(),
  cleared_by: z.enum(['itself', 'hand']).nullable(),
})

export type AlarmJson = z.output<typeof alarmSchema>

/** Times are in seconds, as Stripe's are. */
export function alarmJson(alarm: Alarm): AlarmJson {
  const { severity, title, meaning, action } = alarmKinds[alarm.kind]
  return {
    object: 'alarm',
    id: alarm.id,
    app_id: alarm.appId,
    kind: alarm.kind,
    severity,
    subject: alarm.subject,
    title,
    message: alarm.message,
    meaning,
    action,
    first_seen: inSeconds(alarm.firstSeen),
    last_seen: inSeconds(alarm.lastSeen),
    count: alarm.count,
    cleared_at: alarm.clearedAt === null ? null : inSeconds(alarm.clearedAt),
    cleared_by: alarm.clearedBy,
  }
}

function inSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}
