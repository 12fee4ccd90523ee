import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  APP,
  AS_SERVER,
  type BackendlessRoutes,
  CLIENT_ROOT,
  NOW,
  startBackendlessRoutes,
  watchTokens,
} from '../../../../../test/support/backendless-routes.ts'

let routes: BackendlessRoutes

beforeEach(async () => {
  routes = await startBackendlessRoutes()
})

afterEach(async () => {
  await routes.stop()
})

const find = (root: string, body: unknown, headers = {}) =>
  routes.call('POST', `${root}/data/StripeEvents/find`, body, headers)
const firstId = "id = 'ch_1'"

describe('reading StripeEvents', () => {
  test('rows of the pinned transaction and this app come newest first', async () => {
    const { body } = await find(CLIENT_ROOT, { where: firstId })
    expect(body).toMatchObject([
      { ___class: 'StripeEvents', objectId: routes.rows[1].objectId, type: 'charge.refunded', amount: 1000 },
      { objectId: routes.rows[0].objectId, type: 'charge.succeeded', created: NOW },
    ])
  })

  test('a client sees no personal data, a server sees all', async () => {
    expect((await find(CLIENT_ROOT, { where: firstId })).text).not.toContain('payer@example.com')
    expect((await find(CLIENT_ROOT, { where: firstId }, AS_SERVER)).text).toContain('payer@example.com')
  })

  test('the GET form takes the same parameters as text', async () => {
    const query = new URLSearchParams({
      pageSize: '1',
      offset: '1',
      where: firstId,
      sortBy: 'created desc',
    })
    const { body } = await routes.call(
      'GET',
      `${CLIENT_ROOT}/data/StripeEvents?${query}&property=type&property=id`,
    )
    expect(body).toEqual([
      { ___class: 'StripeEvents', objectId: routes.rows[0].objectId, id: 'ch_1', type: 'charge.succeeded' },
    ])
  })

  test('an offset past the end is an empty page', async () => {
    expect((await find(CLIENT_ROOT, { where: firstId, offset: 10 })).body).toEqual([])
  })

  test('a count is a bare number, in both forms', async () => {
    const post = await routes.call('POST', `${CLIENT_ROOT}/data/StripeEvents/count`, {
      where: firstId,
      distinct: true,
    })
    const get = await routes.call(
      'GET',
      `${CLIENT_ROOT}/data/StripeEvents/count?where=${encodeURIComponent(firstId)}`,
    )
    expect([post.text, get.text]).toEqual(['2', '2'])
    expect((await routes.call('POST', `${CLIENT_ROOT}/data/StripeEvents/count`, {}, AS_SERVER)).text).toBe(
      '3',
    )
  })

  test('first and last go by the time of storing', async () => {
    const where = `where=${encodeURIComponent(firstId)}`
    expect((await routes.call('GET', `${CLIENT_ROOT}/data/StripeEvents/first?${where}`)).body).toMatchObject({
      objectId: routes.rows[0].objectId,
    })
    expect((await routes.call('GET', `${CLIENT_ROOT}/data/StripeEvents/last?${where}`)).body).toMatchObject({
      objectId: routes.rows[1].objectId,
    })
    const none = await routes.call(
      'GET',
      `${CLIENT_ROOT}/data/StripeEvents/first?where=${encodeURIComponent("id='x'")}`,
    )
    expect(none).toMatchObject({
      status: 404,
      body: {
        code: 1000,
        message: 'No row of StripeEvents fits the query.',
        errorData: { code: 'object_not_found' },
      },
    })
  })

  test('findById takes an objectId, with a projection', async () => {
    const { body } = await routes.call(
      'GET',
      `${CLIENT_ROOT}/data/StripeEvents/${routes.rows[2].objectId}?props=id`,
    )
    expect(body).toEqual({ ___class: 'StripeEvents', objectId: routes.rows[2].objectId, id: 'ch_2' })
    expect(await routes.call('GET', `${CLIENT_ROOT}/data/StripeEvents/nothing`)).toMatchObject({
      status: 404,
      body: { code: 1000, message: 'Entity with ID nothing not found' },
    })
  })

  test('the row of another app is not found', async () => {
    expect(
      (
        await routes.call(
          'GET',
          `${CLIENT_ROOT}/data/StripeEvents/${routes.foreignRow.objectId}`,
          undefined,
          AS_SERVER,
        )
      ).status,
    ).toBe(404)
  })

  test('findById takes columns and answers their newest row', async () => {
    expect((await routes.call('GET', `${CLIENT_ROOT}/data/StripeEvents/pk?id=ch_1`)).body).toMatchObject({
      objectId: routes.rows[1].objectId,
    })
    const both = await routes.call(
      'GET',
      `${CLIENT_ROOT}/data/StripeEvents/pk?id=ch_1&created=${NOW}&livemode=false`,
    )
    expect(both.body).toMatchObject({ objectId: routes.rows[0].objectId })
    expect(await routes.call('GET', `${CLIENT_ROOT}/data/StripeEvents/pk?id=ch_7`)).toMatchObject({
      status: 404,
      body: { code: 1000, message: 'Entity with ID ch_7 not found' },
    })
    expect(await routes.call('GET', `${CLIENT_ROOT}/data/StripeEvents/pk?name=x`)).toMatchObject({
      body: { code: 1054, message: expect.stringContaining("Column 'name' does not exist") },
    })
    expect(await routes.call('GET', `${CLIENT_ROOT}/data/StripeEvents/pk`)).toMatchObject({
      body: { errorData: { code: 'parameter_missing' } },
    })
  })

  test('describe lists the columns, for anyone with a key', async () => {
    const { body } = await routes.call('GET', `${CLIENT_ROOT}/data/StripeEvents/properties`)
    expect(body).toContainEqual(expect.objectContaining({ name: 'paymentIntentId', type: 'STRING' }))
  })

  test('a client that pins nothing is refused; a server is not', async () => {
    for (const where of [
      undefined,
      "type = 'charge.succeeded'",
      "id = 'ch_1' or amount > 0",
      "id like 'ch_%'",
    ]) {
      expect(await find(CLIENT_ROOT, { where })).toMatchObject({
        status: 403,
        body: { code: 403, errorData: { code: 'pin_required' } },
      })
      expect((await find('/api', { where })).status).toBe(403)
    }
    expect((await find(CLIENT_ROOT, {}, AS_SERVER)).body).toHaveLength(3)
  })

  test('a client may name rows by their objectId', async () => {
    const { body } = await find(CLIENT_ROOT, { where: `objectId = '${routes.rows[2].objectId}'` })
    expect(body).toMatchObject([{ id: 'ch_2' }])
  })

  test('where the app asks for watch tokens, one opens its own payment alone', async () => {
    await routes.stop()
    routes = await startBackendlessRoutes({
      policy: { clientReads: 'pinned', requireWatchToken: true, orderIdsAreSecret: () => true },
    })
    const token = await watchTokens.sign(APP, { id: ['ch_1'], paymentIntentId: ['pi_1'], orderId: [] })
    const asked = (url: string, userToken?: string) =>
      routes.call(
        'GET',
        `${CLIENT_ROOT}/data/StripeEvents${url}`,
        undefined,
        userToken ? { 'user-token': userToken } : {},
      )
    const where = `?where=${encodeURIComponent(firstId)}`
    expect((await asked(where, token)).body).toHaveLength(2)
    expect((await asked(`/${routes.rows[0].objectId}`, token)).status).toBe(200)
    for (const [url, userToken] of [
      [where, undefined],
      [where, 'forged'],
      [`?where=${encodeURIComponent("id = 'ch_2'")}`, token],
      [`/${routes.rows[2].objectId}`, token],
      [`/${routes.rows[0].objectId}`, undefined],
    ] as const) {
      expect(await asked(url, userToken)).toMatchObject({
        status: 403,
        body: { errorData: { code: 'watch_token_required' } },
      })
    }
  })

  test('a watch token for an order opens no row of another payment of that order', async () => {
    await routes.stop()
    routes = await startBackendlessRoutes({
      policy: { clientReads: 'pinned', requireWatchToken: true, orderIdsAreSecret: () => true },
    })
    const token = await watchTokens.sign(APP, {
      id: ['ch_9'],
      paymentIntentId: ['pi_9'],
      orderId: ['order-2'],
    })
    const asked = await routes.call(
      'GET',
      `${CLIENT_ROOT}/data/StripeEvents/${routes.rows[2].objectId}`,
      undefined,
      { 'user-token': token },
    )
    expect(asked).toMatchObject({ status: 404, body: { errorData: { code: 'object_not_found' } } })
  })

  test('another table is refused in the words that old clients know', async () => {
    expect(await routes.call('POST', `${CLIENT_ROOT}/data/Orders/find`, {})).toMatchObject({
      status: 404,
      body: { code: 1009, message: expect.stringContaining("Table not found by name 'Orders'. Make sure") },
    })
  })

  test('relations and grouping are refused with a sentence', async () => {
    expect(
      await routes.call('GET', `${CLIENT_ROOT}/data/StripeEvents/${routes.rows[0].objectId}/charge`),
    ).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('no relations') },
    })
    expect(await routes.call('POST', `${CLIENT_ROOT}/data/data-grouping/StripeEvents`, {})).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('Grouping is not offered') },
    })
  })
})

describe('writing is refused, whoever asks', () => {
  test.each([
    ['PUT', 'data/StripeEvents'],
    ['POST', 'data/StripeEvents'],
    ['PUT', 'data/StripeEvents/upsert'],
    ['PUT', 'data/StripeEvents/deep-save'],
    ['PUT', 'data/StripeEvents/some-id'],
    ['DELETE', 'data/StripeEvents/some-id'],
    ['POST', 'data/StripeEvents/some-id/relation'],
    ['POST', 'data/bulk/StripeEvents'],
    ['PUT', 'data/bulk/StripeEvents?where=id%3D%27ch_1%27'],
    ['PUT', 'data/bulkupsert/StripeEvents'],
    ['POST', 'data/bulk/StripeEvents/delete'],
    ['DELETE', 'data/bulk/StripeEvents?where=id%3D%27ch_1%27'],
    ['POST', 'transaction/unit-of-work'],
    ['POST', 'messaging/stripe'],
    ['DELETE', 'messaging/message:1'],
  ])('%s %s', async (method, path) => {
    for (const [root, headers] of [
      [CLIENT_ROOT, {}],
      [CLIENT_ROOT, AS_SERVER],
      ['/api', {}],
    ] as const) {
      expect(await routes.call(method, `${root}/${path}`, { id: 'ch_1' }, headers)).toMatchObject({
        status: 403,
        body: { code: 403, errorData: { code: 'operation_not_allowed' } },
      })
    }
    expect((await routes.call('POST', `${CLIENT_ROOT}/data/StripeEvents/count`, {}, AS_SERVER)).text).toBe(
      '3',
    )
  })

  test('a write to another table names the table', async () => {
    expect(await routes.call('PUT', `${CLIENT_ROOT}/data/Orders`, {})).toMatchObject({ body: { code: 1009 } })
    expect(await routes.call('POST', `${CLIENT_ROOT}/data/bulk/Orders`, [])).toMatchObject({
      body: { code: 1009 },
    })
  })
})
