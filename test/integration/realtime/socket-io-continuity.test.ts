/** Late, lost and slow Socket.IO clients: nothing is missed, nothing comes twice, nothing piles up. */

import type { Socket as NetSocket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { createManualTime } from '../../support/manual-time.ts'
import { type ContractClient, createContractClient } from './contract-client.ts'
import {
  APP_ID,
  CLIENT_KEY,
  type Realtime,
  type RealtimeOptions,
  SERVER_KEY,
  startRealtime,
} from './start-realtime.ts'

const PINNED = "id in ('ch_1', 'ch_2', 'ch_3', 'ch_4')"

let realtime: Realtime
const clients: ContractClient[] = []

const start = async (options: RealtimeOptions = {}) => {
  realtime = await startRealtime(options)
}

beforeEach(() => start())

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await realtime.stop()
})

async function connect(
  query: Record<string, string> = {},
  transports = ['polling', 'websocket'],
  extraHeaders: Record<string, string> = {},
): Promise<ContractClient> {
  const client = createContractClient({ url: realtime.url, query, io: { transports, extraHeaders } })
  clients.push(client)
  await client.connected()
  return client
}

const charge = (n: number) => ({ chargeId: `ch_${n}` })
const heardBy = (client: ContractClient, count: number, id = 's1') =>
  eventually(() => client.heard(id).length >= count, { what: `${count} messages` })
const gone = () => eventually(() => realtime.listeners() === 0, { what: 'the server to see the disconnect' })

describe('a client that subscribes after the event', () => {
  test('gets it once, and what comes live after it', async () => {
    await realtime.emit(charge(1), charge(9))
    const client = await connect()
    await client.listen('s1', PINNED)
    await heardBy(client, 1)
    await realtime.emit(charge(2))
    await heardBy(client, 2)
    expect(client.heard('s1')).toEqual(['ch_1', 'ch_2'])
  })

  test('gets the created row once as well', async () => {
    await realtime.emit(charge(1))
    const client = await connect()
    client.subscribe('r1', 'OBJECTS_CHANGES', {
      tableName: 'StripeEvents',
      event: 'created',
      whereClause: "id = 'ch_1'",
    })
    await heardRow(client, 1)
    await realtime.emit(charge(1))
    await heardRow(client, 2)
    expect(client.answers('r1').map(({ data }) => (data as { id: string }).id)).toEqual(['ch_1', 'ch_1'])
  })

  test('gets nothing that is older than the window', async () => {
    await realtime.stop()
    const time = createManualTime()
    await start({ time })
    await realtime.emit(charge(1))
    time.advance(300_001)
    await realtime.emit(charge(2))
    const client = await connect()
    await client.listen('s1', PINNED)
    await heardBy(client, 1)
    expect(client.heard('s1')).toEqual(['ch_2'])
  })
})

describe('a client that comes back with the same ids', () => {
  test.each([
    ['after leaving by itself', (client: ContractClient) => client.close()],
    ['after its connection broke', (client: ContractClient) => netSocketOf(client).destroy()],
    ['after its engine closed', (client: ContractClient) => client.socket.io.engine.close()],
  ])('%s gets what it missed once, and nothing again', async (_how, leave) => {
    const first = await connect({}, ['websocket'])
    await first.listen('s1', PINNED)
    await realtime.emit(charge(1))
    await heardBy(first, 1)
    leave(first)
    await gone()
    await realtime.emit(charge(2), charge(9), charge(3))
    const second = await connect()
    await second.listen('s1', PINNED)
    await heardBy(second, 2)
    await realtime.emit(charge(4))
    await heardBy(second, 3)
    expect([...first.heard('s1'), ...second.heard('s1')]).toEqual(['ch_1', 'ch_2', 'ch_3', 'ch_4'])
  })

  test('over polling gets what it missed once', async () => {
    const first = await connect({}, ['polling'])
    await first.listen('s1', PINNED)
    await realtime.emit(charge(1))
    await heardBy(first, 1)
    first.close()
    await gone()
    await realtime.emit(charge(2))
    const second = await connect({}, ['polling'])
    await second.listen('s1', PINNED)
    await heardBy(second, 1)
    expect(second.heard('s1')).toEqual(['ch_2'])
  })

  test('continues without a selector too, where a server key allows it', async () => {
    const connectServer = () => connect({}, undefined, { authorization: `Bearer ${SERVER_KEY}` })
    const first = await connectServer()
    await first.listen('s1')
    await realtime.emit(charge(1))
    await heardBy(first, 1)
    first.close()
    await gone()
    await realtime.emit(charge(2), charge(3))
    const second = await connectServer()
    await second.listen('s1')
    await heardBy(second, 2)
    expect(second.heard('s1')).toEqual(['ch_2', 'ch_3'])
  })

  test('while its old connection seems alive gets what went into the void', async () => {
    const first = await connect({}, ['websocket'])
    await first.listen('s1', PINNED)
    netSocketOf(first).pause()
    await realtime.emit(charge(1))
    await eventually(() => realtime.listeners() === 1)
    const second = await connect({}, ['websocket'])
    await second.listen('s1', PINNED)
    await heardBy(second, 1)
    expect(second.heard('s1')).toEqual(['ch_1'])
    expect(first.heard('s1')).toEqual([])
  })

  test('but another selector under the same id is a new subscription', async () => {
    const first = await connect()
    await first.listen('s1', PINNED)
    await realtime.emit(charge(1))
    await heardBy(first, 1)
    first.close()
    await gone()
    const second = await connect()
    await second.listen('s1', "id = 'ch_1'")
    await heardBy(second, 1)
    expect(second.heard('s1')).toEqual(['ch_1'])
  })

  test('of another client is not taken for it', async () => {
    const first = await connect({ clientId: 'client-1' })
    await first.listen('s1', PINNED)
    await realtime.emit(charge(1))
    await heardBy(first, 1)
    first.close()
    await gone()
    const second = await connect({ clientId: 'client-2' })
    await second.listen('s1', PINNED)
    await heardBy(second, 1)
    expect(second.heard('s1')).toEqual(['ch_1'])
  })
})

describe('a slow reader', () => {
  test('is dropped with a reason, and continues where it stopped when it comes back', async () => {
    const first = await connect({}, ['websocket'])
    await first.listen('s1', PINNED)
    let closeCode: unknown
    first.socket.on('disconnect', (_reason, description) => {
      closeCode = (description as { context?: { code: number } } | undefined)?.context?.code
    })
    const net = netSocketOf(first)
    net.pause()
    const total = await emitUntilDropped()
    expect(realtime.warnings).toEqual([expect.objectContaining({ appId: APP_ID, reason: 'slow_consumer' })])
    net.resume()
    await eventually(() => closeCode !== undefined, { what: 'the close' })
    expect(closeCode).toBe(4_429)
    const before = first.messages('s1').length
    expect(before).toBeLessThan(total)
    const second = await connect({}, ['websocket'])
    await second.listen('s1', PINNED)
    await heardBy(second, total - before)
    const all = [...first.messages('s1'), ...second.messages('s1')].map(({ messageId }) => messageId)
    expect(all).toEqual([...new Set(all)].sort())
    expect(all).toHaveLength(total)
  })

  test('that polls no more is dropped, and its session is gone', async () => {
    const session = await rawPollingSession()
    await session.send(`42/${APP_ID},${JSON.stringify(['SUB_ON', subscription])}`)
    await eventually(() => realtime.listeners() === 1)
    await emitUntilDropped()
    expect(realtime.warnings).toEqual([expect.objectContaining({ reason: 'slow_consumer' })])
    await eventually(async () => (await session.poll()).status === 400)
    expect(realtime.listeners()).toBe(0)
  })
})

test('a client that sends without end is dropped', async () => {
  await realtime.stop()
  await start({ socketLimits: { messages: { burst: 50, perSecond: 1 } } })
  const client = await connect({}, ['websocket'])
  const dropped = new Promise((resolve) => client.socket.once('disconnect', resolve))
  for (let n = 0; n < 60; n++) client.subscribe('c1', 'PUB_SUB_CONNECT', { channel: 'stripe' })
  await dropped
  expect(realtime.warnings).toEqual([expect.objectContaining({ reason: 'too_many_requests' })])
})

test('the end of the server disconnects its clients, which it then no longer counts', async () => {
  const client = await connect({}, ['websocket'])
  await client.listen('s1', PINNED)
  const gone = new Promise((resolve) => client.socket.once('disconnect', resolve))
  const listenersBefore = realtime.listeners()
  await realtime.stop()
  await gone
  expect([listenersBefore, realtime.listeners()]).toEqual([1, 0])
  await start()
})

const subscription = { id: 's1', name: 'PUB_SUB_MESSAGES', options: { channel: 'stripe', selector: PINNED } }

/** Large events, until the server has had enough. @returns how many. */
async function emitUntilDropped(): Promise<number> {
  for (let total = 1; ; total++) {
    await realtime.emit({ ...charge(1), padding: 200_000 })
    if (realtime.warnings.length > 0) return total
    if (total > 500) throw new Error('100 MB were not too much for a reader that does not read')
  }
}

async function rawPollingSession() {
  const address = `${realtime.url}/${APP_ID}/?apiKey=${CLIENT_KEY}&clientId=raw&userToken=null&EIO=4&transport=polling`
  const open = await (await fetch(address)).text()
  const { sid } = JSON.parse(open.slice(1)) as { sid: string }
  const session = `${address}&sid=${sid}`
  const send = (body: string) => fetch(session, { method: 'POST', body })
  const poll = () => fetch(session)
  await send(`40/${APP_ID},`)
  await poll()
  return { send, poll }
}

function heardRow(client: ContractClient, count: number) {
  return eventually(() => client.answers('r1').length >= count, { what: `${count} rows` })
}

/** The TCP socket below the WebSocket of a client in Node. */
function netSocketOf(client: ContractClient): NetSocket {
  const { transport } = client.socket.io.engine as unknown as { transport: { ws: { _socket: NetSocket } } }
  return transport.ws._socket
}
