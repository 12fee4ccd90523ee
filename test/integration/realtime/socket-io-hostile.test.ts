/** Input that no honest client sends: the server answers or hangs up, and goes on serving the others. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type ContractClient, createContractClient } from './contract-client.ts'
import { type Realtime, startRealtime } from './start-realtime.ts'

let realtime: Realtime
let honest: ContractClient

beforeAll(async () => {
  realtime = await startRealtime({ socketLimits: { messages: { burst: 100_000, perSecond: 100_000 } } })
  honest = createContractClient({ url: realtime.url, query: { clientId: 'honest' } })
  await honest.connected()
  await honest.listen('s1', "id = 'ch_a'")
})

afterAll(async () => {
  honest.close()
  await realtime.stop()
})

async function stillServes(): Promise<void> {
  const before = honest.heard('s1').length
  await realtime.emit({ chargeId: 'ch_a' })
  await eventually(() => honest.heard('s1').length > before, { what: 'the honest client' })
}

const anything = fc.anything({ withNullPrototype: false, maxDepth: 3 }).map((value) => {
  // What JSON can carry, which is what arrives.
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null') as unknown
  } catch {
    return null
  }
})
const name = fc.oneof(
  fc.constantFrom(
    'PUB_SUB_CONNECT',
    'PUB_SUB_MESSAGES',
    'OBJECTS_CHANGES',
    'SET_USER_TOKEN',
    '__proto__',
    'toString',
  ),
  anything,
)
const options = fc.oneof(
  anything,
  fc.record(
    { channel: anything, selector: anything, whereClause: anything, tableName: anything, event: anything },
    { requiredKeys: [] },
  ),
  fc.record({ channel: fc.constant('stripe'), selector: fc.string({ maxLength: 200 }) }),
)
const frame = fc.oneof(
  anything,
  fc.record({ id: fc.oneof(fc.string({ maxLength: 140 }), anything), name, options }, { requiredKeys: [] }),
)

test('whatever the messages hold, each is answered or ignored', async () => {
  const hostile = createContractClient({ url: realtime.url, query: { clientId: 'hostile' } })
  await hostile.connected()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('SUB_ON', 'SUB_OFF', 'MET_REQ', 'OTHER'), frame), { maxLength: 20 }),
      async (frames) => {
        for (const [event, body] of frames) hostile.socket.emit(event, body)
        expect(hostile.socket.connected).toBe(true)
      },
    ),
    { numRuns: 100 },
  )
  expect(await hostile.call('end', 'SET_USER_TOKEN', { userToken: null })).toEqual({
    id: 'end',
    result: null,
  })
  hostile.close()
  expect(realtime.warnings).toEqual([])
  await stillServes()
})

test.each([
  ['half a packet', '2/app_1,["SUB_ON"'],
  ['a packet of no type', '9/app_1,[]'],
  ['an acknowledgement of nothing', '3/app_1,12[]'],
  ['a binary event without its bytes', '51-/app_1,["SUB_ON",{"_placeholder":true,"num":0}]'],
  ['a reserved event', '2/app_1,["disconnect"]'],
  ['an event without a name', '2/app_1,[]'],
  ['a packet for a namespace that was not joined', '2/app_2,["SUB_ON",{}]'],
])('%s does no harm to others', async (_what, packet) => {
  const hostile = createContractClient({
    url: realtime.url,
    query: { clientId: 'hostile' },
    io: { transports: ['websocket'] },
  })
  await hostile.connected()
  hostile.socket.io.engine.write(packet)
  await stillServes()
  hostile.close()
})

test('a message over the size limit ends its own connection alone', async () => {
  const hostile = createContractClient({
    url: realtime.url,
    query: { clientId: 'big' },
    io: { transports: ['websocket'] },
  })
  await hostile.connected()
  const gone = new Promise((resolve) => hostile.socket.once('disconnect', resolve))
  hostile.subscribe('s1', 'PUB_SUB_MESSAGES', { channel: 'stripe', selector: 'x'.repeat(300_000) })
  await gone
  await stillServes()
})
