/** `Data.of("StripeEvents")` by each generation of the official SDK: reads, refusals, and no way to write. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthorizingProxy, startAuthorizingProxy } from '../../support/authorizing-proxy.ts'
import { eventually } from '../../support/eventually.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import { type Sdk, sdkVersions } from './official-sdks.ts'
import { anOrderId, type Charge, chargeOf, openSession, pay, refusalOf } from './sdk-session.ts'

interface Row {
  readonly ___class: string
  readonly objectId: string
  readonly created: number
  readonly id: string
  readonly type: string
  readonly amount: number
  readonly orderId: string
  readonly payload: { readonly type: string; readonly data: { readonly object: Record<string, unknown> } }
}

const AMOUNTS = [1000, 2000, 3000]

let tollbridge: Tollbridge
/** Adds the server key, which the SDKs cannot. */
let proxy: AuthorizingProxy
/** Three charges of one order each, and one order that was paid beside them. */
let charges: Charge[]
let orders: string[]

beforeAll(async () => {
  tollbridge = await startTollbridge()
  proxy = await startAuthorizingProxy(tollbridge.url, tollbridge.serverKey)
  orders = AMOUNTS.map(() => anOrderId())
  charges = []
  for (const [index, amount] of AMOUNTS.entries()) {
    charges.push(await pay(tollbridge, orders[index] ?? '', amount))
    // One after the other, so that the order of storing is the order of paying.
    await eventually(async () => (await countOf(orders[index] ?? '')) === 1, {
      what: 'the event of a charge',
    })
  }
})

afterAll(async () => {
  await proxy.stop()
  await tollbridge.stop()
})

async function countOf(orderId: string): Promise<number> {
  const { url, appId, clientKey, serverKey } = tollbridge
  const answer = await fetch(`${url}/${appId}/${clientKey}/data/StripeEvents/count`, {
    method: 'POST',
    headers: { authorization: `Bearer ${serverKey}` },
    body: JSON.stringify({ where: chargeOf(orderId) }),
  })
  return Number(await answer.text())
}

/** Where clauses that hold for exactly the three charges. */
const allThree = () => `type = 'charge.succeeded' and orderId in (${orders.map((id) => `'${id}'`).join(',')})`

describe.each(sdkVersions)('%s', (version) => {
  let client: Sdk
  let server: Sdk

  beforeAll(() => {
    const { appId, clientKey, url } = tollbridge
    client = openSession(version, { appId, key: clientKey, url }).sdk
    server = openSession(version, { appId, key: clientKey, url: proxy.url }).sdk
  })

  const table = (sdk: Sdk) => sdk.Data.of('StripeEvents')
  const query = (where?: string, sdk = client) => {
    const builder = sdk.DataQueryBuilder.create()
    return where === undefined ? builder : builder.setWhereClause(where)
  }
  const amounts = (rows: readonly Row[]) => rows.map(({ amount }) => amount)
  const find = async (sdk: Sdk, builder?: ReturnType<typeof query>) =>
    (await table(sdk).find(builder)) as Row[]

  test('find answers the rows of the named transaction', async () => {
    const [charge] = charges
    const rows = await find(client, query(`id = '${charge?.id}' and type = 'charge.succeeded'`))
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      ___class: 'StripeEvents',
      objectId: expect.stringMatching(/^[\w-]{36}$/),
      created: expect.any(Number),
      updated: null,
      ownerId: null,
      id: charge?.id,
      type: 'charge.succeeded',
      amount: 1000,
      currency: 'usd',
      orderId: orders[0],
      livemode: false,
      payload: { object: 'event', data: { object: { id: charge?.id, object: 'charge' } } },
    })
    expect(Math.abs(Date.now() - (rows[0]?.created ?? 0))).toBeLessThan(600_000)
  })

  test('a client sees no personal data, a server does', async () => {
    const [ours] = await find(client, query(chargeOf(orders[0] ?? '')))
    const [all] = await find(server, query(chargeOf(orders[0] ?? ''), server))
    expect(ours?.payload.data.object).not.toHaveProperty('billing_details')
    expect(all?.payload.data.object).toHaveProperty('billing_details')
  })

  test('pages, sorts and counts', async () => {
    const page = query(allThree()).setSortBy(['amount desc', 'id']).setPageSize(2)
    expect(amounts(await find(client, page))).toEqual([3000, 2000])
    expect(amounts(await find(client, page.prepareNextPage()))).toEqual([1000])
    expect(amounts(await find(client, page.prepareNextPage()))).toEqual([])
    expect(amounts(await find(client, query(allThree()).setSortBy('created')))).toEqual(AMOUNTS)
    expect(amounts(await find(client, query(allThree())))).toEqual([...AMOUNTS].reverse())
    expect(await table(client).getObjectCount(allThree())).toBe(3)
    expect(await table(client).getObjectCount(query(allThree()))).toBe(3)
    expect(await table(server).getObjectCount()).toBeGreaterThanOrEqual(3)
  })

  test('a server may read without a clause', async () => {
    expect((await find(server)).length).toBeGreaterThan(0)
    expect(await find(server, query(undefined, server).setPageSize(100))).toHaveLength(
      Math.min(100, Number(await table(server).getObjectCount())),
    )
  })

  test('first and last go by the time of storing', async () => {
    // 5.0.0 takes what a builder builds, not the builder.
    const built = (where: string) => {
      const builder = query(where)
      return version === '5.0.0' ? (builder as unknown as { build(): typeof builder }).build() : builder
    }
    expect(await table(client).findFirst(built(allThree()))).toMatchObject({ amount: 1000 })
    expect(await table(client).findLast(built(allThree()))).toMatchObject({ amount: 3000 })
    expect(await table(server).findFirst()).toHaveProperty('objectId')
    expect(await table(server).findLast()).toHaveProperty('objectId')
  })

  test('a row is found by its objectId, whole or in part, and by its columns', async () => {
    const [row] = await find(client, query(chargeOf(orders[1] ?? '')))
    const objectId = row?.objectId ?? ''
    expect(await table(client).findById(objectId)).toEqual(row)
    const byColumns = { id: charges[1]?.id ?? '', type: 'charge.succeeded' }
    expect(await table(client).findById(byColumns)).toEqual(row)
    expect(await find(client, query(`objectId = '${objectId}'`))).toEqual([row])
    expect(await refusalOf(table(client).findById('no-such-row'))).toMatchObject({
      code: 1000,
      message: 'Entity with ID no-such-row not found',
    })
  })

  test('properties choose the columns', async () => {
    const rows = await find(client, query(chargeOf(orders[0] ?? '')).setProperties(['id', 'type']))
    expect(rows).toEqual([
      {
        ___class: 'StripeEvents',
        objectId: expect.any(String),
        id: charges[0]?.id,
        type: 'charge.succeeded',
      },
    ])
  })

  test('describe lists the columns', async () => {
    const columns = (await client.Data.describe('StripeEvents')) as unknown as {
      name: string
      type: string
    }[]
    expect(columns).toContainEqual(expect.objectContaining({ name: 'objectId', type: 'STRING_ID' }))
    expect(columns).toContainEqual(expect.objectContaining({ name: 'type', type: 'STRING' }))
  })

  test.each([
    ['amount >= 2000 and amount < 3000', [2000]],
    ['amount between 1500 and 2500', [2000]],
    ['amount not in (1000, 3000)', [2000]],
    ['not (amount = 1000 or amount = 3000)', [2000]],
    ['amount <> 2000', [3000, 1000]],
    ['amount != 2000', [3000, 1000]],
    ["currency like 'US_' and status like '%CEED%'", [3000, 2000, 1000]],
    ["type not like 'charge.%'", []],
    ['customerId is null and chargeId is not null', [3000, 2000, 1000]],
    ['livemode = false', [3000, 2000, 1000]],
    ['livemode', []],
    ["created after '2020-01-01'", [3000, 2000, 1000]],
    ['created before 1000', []],
    [
      "created at or after '01/31/2020' and created at or before '2100-01-01T00:00:00.000Z'",
      [3000, 2000, 1000],
    ],
    ["status = 'Charlie''s'", []],
  ])('where %s', async (clause, expected) => {
    const rows = await find(client, query(`${allThree()} and (${clause})`).setSortBy('amount desc'))
    expect(amounts(rows)).toEqual(expected)
  })

  test('a bad clause, column, order or page is refused with its place', async () => {
    const all = (where?: string) => query(where, server)
    const refused = (builder: ReturnType<typeof query>) => refusalOf(table(server).find(builder))
    expect(await refused(all("id = 'ch_1' and"))).toMatchObject({
      code: 1017,
      message: expect.stringContaining('position 15'),
    })
    expect(await refused(all("colour = 'red'"))).toMatchObject({
      code: 1054,
      message: expect.stringMatching(/Column 'colour' does not exist in table 'StripeEvents' \(position 0/),
    })
    expect(await refused(all().setSortBy('colour'))).toMatchObject({ code: 1054 })
    expect(await refused(all().setProperties('colour'))).toMatchObject({ code: 1054 })
    expect(await refused(all().setPageSize(101))).toMatchObject({
      code: 400,
      message: expect.stringContaining('from 1 to 100'),
    })
    expect(await refusalOf(server.Data.of('Orders').find())).toMatchObject({ code: 1009 })
  })

  test('a client that names no transaction is refused with what to write', async () => {
    const calls = [
      table(client).find(),
      table(client).find(query("type = 'charge.succeeded'")),
      table(client).find(query(`id = '${charges[0]?.id}' or amount > 0`)),
      table(client).getObjectCount(),
      table(client).findLast(query("type = 'charge.succeeded'")),
    ]
    for (const refusal of await Promise.all(calls.map(refusalOf))) {
      expect(refusal).toMatchObject({
        code: 403,
        message: expect.stringContaining("id = 'ch_…'"),
      })
    }
  })

  test('nothing can be written, not even with a server key', async () => {
    const before = await table(server).getObjectCount()
    const [row] = await find(server, query(chargeOf(orders[0] ?? ''), server))
    const forged = { id: 'ch_forged', type: 'charge.succeeded' }
    for (const sdk of [client, server]) {
      const calls = [
        table(sdk).save(forged as Row),
        table(sdk).save({ ...row, status: 'refunded' } as unknown as Row),
        table(sdk).remove(row?.objectId ?? ''),
        table(sdk).bulkCreate([forged as Row]),
        table(sdk).bulkUpdate(`id = '${charges[0]?.id}'`, { status: 'refunded' } as unknown as Row),
        table(sdk).bulkDelete(`id = '${charges[0]?.id}'`),
      ]
      for (const refusal of await Promise.all(calls.map(refusalOf))) {
        expect(refusal).toMatchObject({
          code: 403,
          message: expect.stringContaining('read-only'),
        })
      }
    }
    expect(await table(server).getObjectCount()).toBe(before)
  })

  test('nobody can publish on the channel stripe', async () => {
    for (const sdk of [client, server]) {
      expect(await refusalOf(sdk.Messaging.publish('stripe', { type: 'charge.succeeded' }))).toMatchObject({
        code: 403,
        message: expect.stringContaining('nobody can publish'),
      })
    }
  })

  test('the status of a message is known', async () => {
    const [row] = await find(client, query(chargeOf(orders[0] ?? '')))
    const messageId = `message:${row?.objectId}`
    expect(await client.Messaging.getMessageStatus(messageId)).toMatchObject({
      messageId,
      status: 'published',
    })
  })
})

describe('a message cannot be cancelled', () => {
  // 5.0.0 never tells its caller how a cancel ended.
  test.each(['5.9.4', '7.0.4', '7.4.9', '8.0.0'] as const)('%s', async (version) => {
    const { appId, clientKey: key, url } = tollbridge
    const { sdk } = openSession(version, { appId, key, url })
    expect(await refusalOf(sdk.Messaging.cancel('message:1'))).toMatchObject({ code: 403 })
  })
})

describe('calls that only newer SDKs have', () => {
  test.each(['7.0.4', '7.4.9', '8.0.0'] as const)('%s', async (version) => {
    const { appId, clientKey: key, url } = tollbridge
    const { sdk } = openSession(version, { appId, key, url })
    const table = sdk.Data.of('StripeEvents')
    const [row] = (await table.find(
      sdk.DataQueryBuilder.create().setWhereClause(chargeOf(orders[0] ?? '')),
    )) as Row[]
    const objectId = row?.objectId ?? ''
    const part = sdk.DataQueryBuilder.create().setProperties(['type'])
    expect(await table.findById(objectId, part)).toEqual({
      ___class: 'StripeEvents',
      objectId,
      type: 'charge.succeeded',
    })
    const without = sdk.DataQueryBuilder.create().setWhereClause(chargeOf(orders[0] ?? ''))
    without.excludeProperties('payload')
    expect(await table.findFirst(without)).not.toHaveProperty('payload')
    const grouped = sdk.DataQueryBuilder.create().setGroupBy('type')
    expect(await refusalOf(table.find(grouped))).toMatchObject({
      message: expect.stringContaining('Grouping'),
    })
  })
})
