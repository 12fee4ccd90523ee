/** Alarms reach ALARM_URL in the end, each change once, and that they do not is an alarm too. */
import { Webhook } from 'standardwebhooks'
import { beforeEach, expect, test } from 'vitest'
import { createManualTime, type ManualTime } from '../../../../test/support/manual-time.ts'
import { silentLog } from '../log.ts'
import type { OutboundRequest } from '../outbound/create-outbound.ts'
import { createMemoryAlarmStore } from '../store/memory/memory-alarm-store.ts'
import { type AlarmDesk, createAlarms } from './create-alarms.ts'
import { type AlarmPoster, createAlarmPoster } from './post-alarms.ts'

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`
const TWICE = { appId: 'app_1', kind: 'order_paid_twice', subject: 'order-1' } as const

let time: ManualTime
let store: ReturnType<typeof createMemoryAlarmStore>
let alarms: AlarmDesk
let status: number
let sent: { readonly id: string; readonly type: string }[]

const open = (): AlarmPoster =>
  createAlarmPoster({
    url: 'https://alarms.example.com/',
    secret: SECRET,
    onBehalfOf: 'operator',
    outbound: {
      async send({ headers, body }: OutboundRequest) {
        const {
          'webhook-id': id = '',
          'webhook-timestamp': at = '',
          'webhook-signature': signature,
        } = headers
        const text = String(body)
        expect(new Webhook(SECRET).sign(id, new Date(Number(at) * 1000), text)).toBe(signature)
        sent.push({ id, type: (JSON.parse(text) as { type: string }).type })
        return { outcome: 'answered', status, headers: {}, body: Buffer.alloc(0), isWhole: true }
      },
    },
    store,
    alarms,
    clock: time,
    after: time.timers.after,
    log: silentLog,
  })

beforeEach(() => {
  time = createManualTime()
  store = createMemoryAlarmStore()
  alarms = createAlarms({ store, clock: time, log: silentLog })
  status = 200
  sent = []
})

const settle = async () => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
const types = () => sent.map(({ type }) => type)

test('each change is sent once, under an id that its repeats share', async () => {
  const poster = open()
  poster.start()
  await alarms.raise({ ...TWICE, message: 'Twice.' })
  await settle()
  await alarms.raise({ ...TWICE, message: 'Still.' })
  await settle()
  await alarms.clear(TWICE)
  await settle()
  expect(types()).toEqual(['alarm.raised', 'alarm.cleared'])
  await poster.stop()
})

test('what is not taken is sent again, later and later, and that it fails is an alarm', async () => {
  status = 500
  const poster = open()
  poster.start()
  await alarms.raise({ ...TWICE, message: 'Twice.' })
  await settle()
  for (const wait of [1_000, 5_000]) {
    time.advance(wait - 1)
    await settle()
    const before = sent.length
    time.advance(1)
    await settle()
    expect(sent).toHaveLength(before + 1)
  }
  expect(new Set(sent.map(({ id }) => id)).size).toBe(1)
  expect(await store.standing(9)).toMatchObject([
    { kind: 'alarm_url_failing', message: '3 tries in a row failed; the last: it answered 500.' },
    { kind: 'order_paid_twice' },
  ])
  status = 204
  time.advance(30_000)
  await settle()
  expect(await store.standing(9)).toMatchObject([{ kind: 'order_paid_twice' }])
  await poster.stop()
})

test('what one run could not send, the next one does; what has long been over is told nobody', async () => {
  await alarms.raise({ ...TWICE, subject: 'order-old', message: 'Twice.' })
  await alarms.clear({ ...TWICE, subject: 'order-old' })
  time.advance(25 * 3_600_000)
  await alarms.raise({ ...TWICE, message: 'Twice.' })
  const poster = open()
  poster.start()
  await settle()
  expect(types()).toEqual(['alarm.raised'])
  await poster.stop()
  const second = open()
  second.start()
  await settle()
  expect(sent).toHaveLength(1)
  await second.stop()
})
