/** Real time as the official Java SDK has it: what it is told in bytes, and how it learns that it has to come back. */
import { afterEach, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { createManualTime } from '../../support/manual-time.ts'
import { createContractClient } from './contract-client.ts'
import { createJavaClient, type JavaClient } from './java-client.ts'
import { APP_ID, type Realtime, type RealtimeOptions, startRealtime } from './start-realtime.ts'

let realtime: Realtime
let isStopped = false
const clients: { close(): void }[] = []

async function start(options: RealtimeOptions = {}): Promise<void> {
  realtime = await startRealtime(options)
  isStopped = false
}

async function stop(): Promise<void> {
  isStopped = true
  await realtime.stop()
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  if (!isStopped) await stop()
})

function aClient(options?: Parameters<typeof createJavaClient>[1]): JavaClient {
  const client = createJavaClient(realtime.url, options)
  clients.push(client)
  return client
}

async function joinedClient(options?: Parameters<typeof createJavaClient>[1]): Promise<JavaClient> {
  const client = aClient(options)
  await client.joined()
  return client
}

const listening = (id: string, selector?: string) => ({
  id,
  name: 'PUB_SUB_MESSAGES',
  options: { channel: 'stripe', ...(selector === undefined ? {} : { selector }) },
})

const LEAVE = `41/${APP_ID}`
const isTold = ({ frames }: JavaClient) => frames.some((frame) => frame.replace(',', '') === LEAVE)

describe('a client in bytes', () => {
  test('joins the channel, listens with a selector, and gets the message with all its members', async () => {
    await start()
    const client = await joinedClient()
    client.send('SUB_ON', { id: 'JOIN', name: 'PUB_SUB_CONNECT', options: { channel: 'stripe' } })
    await eventually(() => client.heard.some(({ id, data }) => id === 'JOIN' && data === 'connected'))
    client.send('SUB_ON', listening('L1', "id = 'ch_a'"))
    await eventually(() => client.heard.some(({ id }) => id === 'L1'))
    await realtime.emit({ chargeId: 'ch_a' }, { chargeId: 'ch_b' })
    const told = await eventually(
      () => client.heard.find(({ id, data }) => id === 'L1' && data !== undefined) ?? null,
    )
    expect(told?.['data']).toMatchObject({
      message: { type: expect.any(String) },
      messageId: expect.any(String),
      timestamp: expect.any(Number),
      headers: { id: 'ch_a' },
    })
  })

  test('hears of new rows of StripeEvents', async () => {
    await start()
    const client = await joinedClient()
    client.send('SUB_ON', {
      id: 'ROWS',
      name: 'OBJECTS_CHANGES',
      options: { event: 'created', tableName: 'StripeEvents', whereClause: "id = 'ch_a'" },
    })
    await eventually(() => client.heard.some(({ id }) => id === 'ROWS'))
    await realtime.emit({ chargeId: 'ch_a' })
    const told = await eventually(
      () => client.heard.find(({ id, data }) => id === 'ROWS' && data !== undefined) ?? null,
    )
    expect(told?.['data']).toMatchObject({ ___class: 'StripeEvents', id: 'ch_a' })
  })

  test('is told of an error by its sentence, which is all that the SDK shows', async () => {
    await start()
    const client = await joinedClient()
    client.send('SUB_ON', listening('L1'))
    client.send('MET_REQ', { id: 'M1', name: 'PUB_SUB_COMMAND', options: { channel: 'stripe' } })
    const errorOf = (id: string) =>
      eventually(() => client.heard.find((it) => it['id'] === id)?.['error'] ?? null)
    expect(await errorOf('L1')).toMatch(/^A client key must name the transaction/)
    expect(await errorOf('M1')).toMatch(/^Nobody but the server may send/)
  })
})

describe('the end of a connection', () => {
  test('a stop tells it to leave before it closes, so that it comes back at once', async () => {
    await start()
    const client = await joinedClient()
    await stop()
    await client.closed
    expect(isTold(client)).toBe(true)
  })

  test('whoever is dropped is told to leave too', async () => {
    await start({ socketLimits: { messages: { burst: 3, perSecond: 1 } } })
    const client = await joinedClient()
    for (let again = 0; again < 5; again++) client.send('SUB_OFF', { id: 'none' })
    expect((await client.closed).code).toBe(4429)
    expect(isTold(client)).toBe(true)
  })

  test('JavaScript clients are not told to leave, since they would stay away', async () => {
    await start()
    const client = createContractClient({ url: realtime.url })
    clients.push(client)
    await client.connected()
    const reason = new Promise((resolve) => client.socket.on('disconnect', resolve))
    await stop()
    expect(await reason).toMatch(/^transport close/)
  })

  test('two sockets of one client, as after a reset, hear each message once', async () => {
    await start()
    const older = await joinedClient()
    const newer = await joinedClient()
    for (const client of [older, newer]) {
      client.send('SUB_ON', listening('L1', "id = 'ch_a'"))
      await eventually(() => client.heard.some(({ id }) => id === 'L1'))
    }
    const messages = () =>
      [...older.heard, ...newer.heard].flatMap(({ data }) => (data === undefined ? [] : [data]))
    await realtime.emit({ chargeId: 'ch_a' })
    await eventually(() => newer.heard.some(({ data }) => data !== undefined))
    await realtime.emit({ chargeId: 'ch_a' })
    await eventually(() => newer.heard.filter(({ data }) => data !== undefined).length === 2)
    const ids = messages().map((data) => (data as Record<string, unknown>)['messageId'])
    expect(new Set(ids).size).toBe(2)
  })
})

test('a wrong key is refused late, since the SDK asks again as soon as it is refused', async () => {
  const time = createManualTime()
  await start({ time })
  const client = aClient({ apiKey: 'tbc_wrong' })
  await eventually(() => client.frames.includes('40'))
  const refused = () => client.frames.find((frame) => frame.startsWith(`44/${APP_ID}`)) ?? null
  // A second client is refused behind it, and is told at once, for it is not the one that hammers.
  const other = createContractClient({ url: realtime.url, query: { apiKey: 'tbc_wrong' } })
  clients.push(other)
  await expect(other.connected()).rejects.toThrow(/key/)
  expect(refused()).toBeNull()
  time.advance(6_000)
  expect(await eventually(refused)).toMatch(/key/)
})
