import { describe, expect, test } from 'vitest'
import { store } from '../../../../../test/support/an-event.ts'
import { eventually } from '../../../../../test/support/eventually.ts'
import { createManualTime } from '../../../../../test/support/manual-time.ts'
import { noUiDoor } from '../../../../../test/support/no-ui-door.ts'
import type { Principal } from '../../access/principal.ts'
import { silentLog } from '../../log.ts'
import { createMemoryStore } from '../../store/memory/create-memory-store.ts'
import { createDeliveryMemory } from '../delivery-memory.ts'
import { createFollowLog } from '../follow-log.ts'
import { createHub } from '../hub.ts'
import { createLogReader } from '../log-reader.ts'
import { readClientMessage } from './client-message.ts'
import { createConnection } from './connection.ts'
import { createOutbox } from './outbox.ts'
import { createUiRequests } from './ui-requests.ts'

const SELECTOR = "id in ('ch_1', 'ch_2', 'ch_3')"
const principal: Principal = { role: 'client', appId: 'app_1', clientKey: 'tbc_client', watch: null }

/** The parts behind a socket; `connect` gives a connection of the same client that keeps the frames it gets. */
async function setUp() {
  const { events } = createMemoryStore()
  const time = createManualTime()
  const hub = createHub({ log: silentLog })
  const reader = createLogReader({ events, hub, timers: time.timers, log: silentLog })
  await reader.start()
  const follow = createFollowLog({ events, hub, head: reader.head, clock: time, recentEventsMs: 300_000 })
  const memory = createDeliveryMemory({ clock: time, lifetimeMs: 600_000 })

  const emit = async (n: number) => {
    const { position } = await store(events, { chargeId: `ch_${n}`, receivedAt: time.now() })
    reader.wake()
    await eventually(() => reader.head() >= position)
  }
  const connect = async () => {
    const heard: string[] = []
    const outbox = createOutbox({
      connection: {
        send: (frame, _options, onFlushed) => {
          const id = /"headers":\{"id":"(\w+)"/.exec(String(frame))?.[1]
          if (id !== undefined) heard.push(id)
          onFlushed?.()
        },
      },
      namespace: '/app_1',
      binary: false,
      mostPending: 1e6,
      onOverflow: () => undefined,
    })
    const connection = createConnection({
      follow,
      memory,
      outbox,
      principal,
      clientId: 'client-1',
      identify: async () => principal,
      policy: { clientReads: 'pinned', requireWatchToken: false, orderIdsAreSecret: () => true },
      clientPayloads: 'redacted',
      admitSubscription: () => () => {},
      mostSubscriptions: 10,
      binary: false,
      ui: createUiRequests({ door: noUiDoor, headers: {}, outbox }),
      log: silentLog,
      drop: () => undefined,
    })
    const before = hub.size
    const options = { channel: 'stripe', selector: SELECTOR }
    connection.receive(readClientMessage('SUB_ON', { id: 's1', name: 'PUB_SUB_MESSAGES', options }))
    await eventually(() => hub.size > before)
    return { connection, heard }
  }
  return { emit, connect }
}

describe('a client that comes back', () => {
  test('after a close gets nothing again', async () => {
    const { emit, connect } = await setUp()
    const first = await connect()
    await emit(1)
    first.connection.close(true)
    await emit(2)
    const second = await connect()
    expect([first.heard, second.heard]).toEqual([['ch_1'], ['ch_2']])
  })

  test('after a silence gets again what no heartbeat has proven, and only that', async () => {
    const { emit, connect } = await setUp()
    const first = await connect()
    await emit(1)
    first.connection.heartbeat('sent')
    await emit(2)
    first.connection.heartbeat('answered')
    first.connection.close(false)
    await emit(3)
    const second = await connect()
    expect([first.heard, second.heard]).toEqual([
      ['ch_1', 'ch_2'],
      ['ch_2', 'ch_3'],
    ])
  })

  test('after polling anew and a silence gets nothing again', async () => {
    const { emit, connect } = await setUp()
    const first = await connect()
    await emit(1)
    first.connection.heartbeat('polled')
    first.connection.close(false)
    const second = await connect()
    expect(second.heard).toEqual([])
  })
})

test('what arrives after the close is not answered', async () => {
  const { connect } = await setUp()
  const { connection, heard } = await connect()
  connection.receive(readClientMessage('SUB_ON', { id: 's2', name: 'PUB_SUB_MESSAGES', options: {} }))
  connection.close(true)
  await new Promise((resolve) => setImmediate(resolve))
  expect(heard).toEqual([])
})
