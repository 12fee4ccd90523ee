import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  APP,
  type BackendlessRoutes,
  CLIENT_ROOT,
  NOW,
  startBackendlessRoutes,
  watchTokens,
} from '../../../../../../test/support/backendless-routes.ts'
import {
  AMF_TYPE,
  CUSTOM,
  chargeCall,
  dataQuery,
  type JavaAnswer,
  type JavaFault,
  javaAnswer,
  javaCall,
  MESSAGING,
  PERSISTENCE,
} from '../../../../../../test/support/java-call.ts'
import { frameNames, javaFrame } from '../../../../../../test/support/java-frames.ts'
import { createManualTime } from '../../../../../../test/support/manual-time.ts'
import { rounds } from '../../../../../../test/support/rounds.ts'
import { ServiceError } from '../../../errors.ts'
import { readCall } from '../amf/messages.ts'
import { type AmfValue, TypedObject } from '../amf/value.ts'

let routes: BackendlessRoutes

beforeEach(async () => {
  routes = await startBackendlessRoutes()
})

afterEach(() => routes.stop())

const DOOR = `${CLIENT_ROOT}/binary`

/** Holds each answer to the one rule: HTTP 200, AMF. */
async function send(
  bytes: Uint8Array | string,
  url = DOOR,
  headers: Readonly<Record<string, string>> = {},
): Promise<JavaAnswer> {
  const answer = await routes.fastify.inject({
    method: 'POST',
    url,
    headers: { 'content-type': AMF_TYPE, ...headers },
    payload: typeof bytes === 'string' ? bytes : Buffer.from(bytes),
  })
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['content-type']).toBe(AMF_TYPE)
  return javaAnswer(answer.rawPayload)
}

async function faultOf(...sent: Parameters<typeof send>): Promise<JavaFault> {
  const { fault } = await send(...sent)
  if (fault === undefined) throw new Error('The call was answered with a result')
  return fault
}

async function resultOf(...sent: Parameters<typeof send>): Promise<AmfValue> {
  const answer = await send(...sent)
  if (answer.fault !== undefined) throw new Error(answer.fault.faultString)
  return answer.result
}

/** Other calls come of a wrong byte in the names of the service and the method. */
function isCharge(bytes: Uint8Array): boolean {
  const { source, operation } = readCall(bytes)
  return source === CUSTOM && operation === 'dispatchService'
}

const find = (query: AmfValue) => javaCall(PERSISTENCE, 'find', ['StripeEvents', query])
const ofCharge1 = { whereClause: "id = 'ch_1'" }

describe('the charge', () => {
  test.each([
    ['the key form', DOOR],
    ['the domain form', '/api/binary'],
    ['doubled slashes', `/${DOOR.replaceAll('/', '//')}`],
  ])('as recorded, by %s, reaches the one charge', async (_form, url) => {
    const result = await resultOf(javaFrame('charge', 'request'), url)
    expect(result).toEqual({ id: 'ch_9', object: 'charge', tollbridge_watch_token: 'watch-me' })
    expect(routes.charges).toEqual([
      {
        principal: { role: 'client', appId: APP, clientKey: 'tbc_client', watch: null },
        clientKey: 'tbc_client',
        body: { amount: 1999, token: 'tok_visa' },
        idempotencyKey: null,
        remoteAddress: '127.0.0.1',
        customerToken: null,
        header: expect.any(Function),
        repeatsItself: true,
      },
    ])
  })

  test('an object of a class of the app is the map of its fields', async () => {
    await resultOf(javaFrame('arg-pojo', 'request'))
    expect(routes.charges[0]?.body).toMatchObject({ amount: 1999, id: 'p' })
    expect(routes.charges[0]?.body).not.toHaveProperty('className')
  })

  test('the kind of execution changes nothing, and no content type is asked for', async () => {
    await resultOf(javaFrame('charge-exectype', 'request'), DOOR, { 'content-type': 'nonsense' })
    expect(routes.charges).toHaveLength(1)
  })

  test('without arguments is a charge without fields, whose first missing one is then named', async () => {
    await resultOf(javaFrame('arg-null', 'request'))
    await resultOf(javaCall(CUSTOM, 'dispatchService', ['Stripe', 'charge', []]))
    expect(routes.charges.map(({ body }) => body)).toEqual([{}, {}])
  })

  test.each(['arg-two', 'arg-json'])('%s, which is no map, is refused', async (frame) => {
    expect(await faultOf(javaFrame(frame, 'request'))).toMatchObject({
      faultCode: '400',
      faultDetail: 'body_invalid',
      faultString: expect.stringContaining('new Object[]{ map }'),
    })
    expect(routes.charges).toEqual([])
  })

  test('another service or method is refused', async () => {
    expect(await faultOf(javaFrame('http-invoke-other', 'request'))).toMatchObject({
      faultCode: '404',
      faultDetail: 'service_unknown',
      faultString: expect.stringContaining('Other.x'),
    })
  })

  test('what a client proves travels in the headers of the message', async () => {
    const token = await watchTokens.sign(APP, { id: ['ch_1'], paymentIntentId: ['pi_1'], orderId: [] })
    const call = chargeCall({ token: 'tok_visa' }, { 'user-token': token, 'tollbridge-payer-key': 'k' })
    await resultOf(call, DOOR, { 'tollbridge-payer-key': 'of HTTP, which means nothing' })
    expect(routes.charges[0]?.principal).toMatchObject({ watch: { paymentIntentId: ['pi_1'] } })
    expect(routes.charges[0]?.header('tollbridge-payer-key')).toBe('k')
  })

  test('a repeat says that it is one', async () => {
    await routes.stop()
    routes = await startBackendlessRoutes({
      charge: async () => ({ body: { id: 'ch_9' }, watchToken: null, isRepeat: true }),
    })
    expect(await resultOf(javaFrame('charge', 'request'))).toEqual({ id: 'ch_9', tollbridge_replayed: true })
  })
})

describe('a fault has its four members', () => {
  async function failingWith(error: Error): Promise<JavaFault> {
    await routes.stop()
    routes = await startBackendlessRoutes({
      charge: async () => {
        throw error
      },
    })
    return faultOf(javaFrame('charge', 'request'))
  }

  test('of a decline, with what Stripe said and the watch token', async () => {
    const decline = new ServiceError('card_declined', {
      message: 'Your card was declined.',
      details: {
        code: 'card_declined',
        decline_code: 'generic_decline',
        charge: 'ch_9',
        outcome: { risk: [1] },
      },
    }).forPayer('watch-me')
    expect(await failingWith(decline)).toMatchObject({
      faultCode: '402',
      faultString: 'Your card was declined.',
      faultDetail: 'card_declined',
      extendedData: {
        type: 'card_error',
        decline_code: 'generic_decline',
        charge: 'ch_9',
        outcome: { risk: [1] },
        request_id: 'req_1',
        tollbridge_watch_token: 'watch-me',
      },
    })
  })

  test('of the brake, with the seconds to wait', async () => {
    const brake = new ServiceError('charges_stopped', { message: 'Sale is over.', retryAfterSeconds: 60 })
    expect(await failingWith(brake)).toMatchObject({
      faultCode: '503',
      faultDetail: 'charges_stopped',
      extendedData: { retry_after: 60 },
    })
  })

  test('of a bug of ours, without its detail', async () => {
    const fault = await failingWith(new Error('secret detail'))
    expect(fault).toMatchObject({ faultCode: '500', faultDetail: 'internal' })
    expect(JSON.stringify(fault)).not.toContain('secret detail')
  })
})

describe('HTTP 200 and AMF, whatever is asked', () => {
  test.each([
    ['an unknown app', '/app_unknown/tbc_client/binary', 'app_unknown'],
    ['an app id that is none', '/abc/tbc_client/binary', 'route_unknown'],
    ['a key that is longer than any', `/${APP}/${'k'.repeat(300)}/binary`, 'route_unknown'],
    ['a path that cannot be read', `/${APP}/%ZZ/binary`, 'route_unknown'],
    ['a wrong key', `/${APP}/tbc_wrong/binary`, 'api_key_invalid'],
    ['a server key in the path', `/${APP}/tbk_server/binary`, 'secret_key_in_address'],
    ['a server key in the query', `${DOOR}?key=tbk_server`, 'secret_key_in_address'],
    ['a key with NUL', `/${APP}/a%00b/binary`, 'parameter_invalid'],
  ])('%s', async (_what, url, detail) => {
    expect(await faultOf(javaFrame('charge', 'request'), url)).toMatchObject({ faultDetail: detail })
    expect(routes.charges).toEqual([])
  })

  test.each([
    ['JSON', '{"token":"tok_visa","amount":1999}'],
    ['nothing', ''],
    ['half a frame', javaFrame('charge', 'request').subarray(0, 200)],
  ])('%s in place of AMF', async (_what, body) => {
    expect(await faultOf(body)).toMatchObject({ faultCode: '400', faultDetail: 'body_invalid' })
  })

  test('too large a body', async () => {
    const large = chargeCall({ token: 'tok_visa', note: 'x'.repeat(300_000) })
    expect(await faultOf(large)).toMatchObject({ faultCode: '413', faultDetail: 'body_too_large' })
  })

  test('too many readings', async () => {
    await routes.stop()
    routes = await startBackendlessRoutes({
      countRead: () => {
        throw new ServiceError('too_many_requests', { message: 'Slow down.', retryAfterSeconds: 10 })
      },
    })
    expect(await faultOf(find(dataQuery(ofCharge1)))).toMatchObject({ faultCode: '429' })
    expect(await send(javaFrame('charge', 'request'))).toHaveProperty('result')
  })

  test('every recorded request', async () => {
    for (const name of frameNames) await send(javaFrame(name, 'request'))
  })

  test('a charge with any wrong byte: it charges what it says as a whole, or nothing', async () => {
    const frame = javaFrame('charge', 'request')
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: frame.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, by) => {
          const before = routes.charges.length
          const bytes = Buffer.from(frame)
          bytes[at] = (bytes[at] ?? 0) ^ by
          const { fault } = await send(bytes)
          expect(routes.charges.length - before).toBe(fault === undefined && isCharge(bytes) ? 1 : 0)
        },
      ),
      { numRuns: rounds(100) },
    )
  })

  test('a page of another origin, where no key travels, is refused', async () => {
    const origin = { origin: 'https://elsewhere.example', 'content-type': 'text/plain' }
    expect(await faultOf(javaFrame('charge', 'request'), '/api/binary', origin)).toMatchObject({
      faultDetail: 'body_invalid',
    })
    expect(routes.charges).toEqual([])
  })
})

describe('the gate of texts looks into arguments', () => {
  test.each([
    ['NUL', { token: 'tok_visa', note: 'a\0b' }, 'note'],
    ['a line break in an id', { order_id: 'a\nb' }, 'order_id'],
    ['a number that cannot be written', { token: 'tok_visa', amount: Number.NaN }, 'amount'],
    ['an address that leads elsewhere', { return_url: 'javascript:alert(1)' }, 'return_url'],
    ['a constructor with a prototype', { x: { constructor: { prototype: {} } } }, 'x'],
  ])('%s', async (_what, body, param) => {
    expect(await faultOf(chargeCall(body))).toMatchObject({
      faultDetail: 'parameter_invalid',
      extendedData: { param },
    })
    expect(routes.charges).toEqual([])
  })

  test('in headers as well, and a server key there is refused', async () => {
    const body = { token: 'tok_visa', amount: 1 }
    expect(await faultOf(chargeCall(body, { 'user-token': 'a\nb' }))).toMatchObject({
      faultDetail: 'parameter_invalid',
    })
    expect(await faultOf(chargeCall(body, { 'user-token': 'tbk_server' }))).toMatchObject({
      faultDetail: 'secret_key_in_address',
    })
  })
})

describe('the table', () => {
  test('find answers typed rows that carry ___class, with dates', async () => {
    const rows = (await resultOf(find(dataQuery(ofCharge1, { sortBy: ['created desc'] })))) as TypedObject[]
    expect(rows).toHaveLength(2)
    for (const row of rows) expect(row.className).toBe('StripeEvents')
    expect(rows[0]?.members).toMatchObject({
      ___class: 'StripeEvents',
      objectId: routes.rows[1].objectId,
      created: new Date(NOW + 1),
      updated: expect.toSatisfy((it) => it === null || it instanceof Date),
      amount: 1000,
      payload: expect.any(Object),
    })
  })

  test('find takes columns, pages and conditions as the JSON door does', async () => {
    const query = dataQuery(
      { ...ofCharge1, pageSize: 1, offset: 1, properties: ['type'] },
      { sortBy: ['created'] },
    )
    const [row, ...others] = (await resultOf(find(query))) as TypedObject[]
    expect(others).toEqual([])
    expect(row?.members).toEqual({
      ___class: 'StripeEvents',
      objectId: routes.rows[1].objectId,
      type: 'charge.refunded',
    })
    const without = dataQuery({ ...ofCharge1, properties: ['*'], excludeProperties: ['payload'] })
    const [other] = (await resultOf(find(without))) as TypedObject[]
    expect(other?.members).not.toHaveProperty('payload')
    expect(await resultOf(find(dataQuery({ whereClause: "id = 'ch_none'" })))).toEqual([])
  })

  test.each([
    ['no transaction is named', {}, {}, 'pin_required'],
    ['groups', { ...ofCharge1, groupBy: ['type'] }, {}, 'parameter_invalid'],
    ['having', { ...ofCharge1, havingClause: 'count(objectId) > 1' }, {}, 'parameter_invalid'],
    ['relations', ofCharge1, { related: ['user'] }, 'parameter_invalid'],
    ['an unknown column', { whereClause: "name = 'x'" }, {}, 'column_unknown'],
    ['an unknown order', ofCharge1, { sortBy: ['name'] }, 'column_unknown'],
    ['a broken condition', { whereClause: 'id = ' }, {}, 'where_clause_invalid'],
    ['too long a page', { ...ofCharge1, pageSize: 101 }, {}, 'parameter_invalid'],
  ])('find is refused where %s', async (_what, set, options, detail) => {
    expect(await faultOf(find(dataQuery(set, options)))).toMatchObject({ faultDetail: detail })
  })

  const id = () => routes.rows[0].objectId
  test.each<[string, () => AmfValue[]]>([
    ['an id', () => [id(), []]],
    ['an id with no relations and a depth', () => [id(), [], 2]],
    ['an id and a query', () => [id(), dataQuery({ properties: [] })]],
    ['a map with its objectId', () => [{ objectId: id() }, [], null]],
    [
      'an object of a class',
      () => [new TypedObject('StripeEvents', { objectId: id(), amount: 0 }), [], null],
    ],
  ])('findById takes %s', async (_what, args) => {
    const row = await resultOf(javaCall(PERSISTENCE, 'findById', ['StripeEvents', ...args()]))
    expect(row).toMatchObject({ className: 'StripeEvents', members: { objectId: id(), id: 'ch_1' } })
  })

  test('findById takes a map of columns, and a query that names the wanted ones', async () => {
    const args = [
      'StripeEvents',
      { id: 'ch_2', amount: 2000, status: null },
      dataQuery({ properties: ['id'] }),
    ]
    expect(await resultOf(javaCall(PERSISTENCE, 'findById', args))).toEqual(
      new TypedObject('StripeEvents', {
        ___class: 'StripeEvents',
        objectId: routes.rows[2].objectId,
        id: 'ch_2',
      }),
    )
  })

  test.each<[string, AmfValue[], string]>([
    ['an unknown id', ['OBJ-0', []], '1000'],
    ['the row of another app', ['theirs', []], '1000'],
    ['relations', ['OBJ-0', ['user'], 2], '400'],
    ['no id', [null, []], '400'],
    ['a number', [7, []], '400'],
    ['an empty map', [{}, [], null], '400'],
  ])('findById of %s is refused', async (_what, args, code) => {
    const named = args.map((arg) => (arg === 'theirs' ? routes.foreignRow.objectId : arg))
    expect(await faultOf(javaCall(PERSISTENCE, 'findById', ['StripeEvents', ...named]))).toMatchObject({
      faultCode: code,
    })
  })

  test('first and last take one, four and five arguments', async () => {
    await routes.stop()
    routes = await startBackendlessRoutes({
      policy: { clientReads: 'open', requireWatchToken: false, orderIdsAreSecret: () => false },
    })
    for (const rest of [[], [[], 1, null], [[], null, null], [[], 1, [], null]]) {
      const of = (operation: string) => resultOf(javaCall(PERSISTENCE, operation, ['StripeEvents', ...rest]))
      expect(await of('first')).toMatchObject({ members: { objectId: routes.rows[0].objectId } })
      expect(await of('last')).toMatchObject({ members: { objectId: routes.rows[2].objectId } })
    }
    const related = javaCall(PERSISTENCE, 'first', ['StripeEvents', ['user'], null, null])
    expect(await faultOf(related)).toMatchObject({ faultString: expect.stringContaining('no relations') })
  })

  test('count takes a table, and a query beside it', async () => {
    const counting = dataQuery(ofCharge1)
    expect(await resultOf(javaCall(PERSISTENCE, 'count', ['StripeEvents', counting]))).toBe(2)
    expect(await faultOf(javaFrame('count', 'request'))).toMatchObject({ faultDetail: 'pin_required' })
  })

  test('describe answers columns of the class that the SDK casts to', async () => {
    const columns = (await resultOf(javaFrame('describe', 'request'))) as TypedObject[]
    for (const { className } of columns)
      expect(className).toBe(`${PERSISTENCE.replace('PersistenceService', '')}ObjectProperty`)
    expect(columns.map(({ members }) => [members['name'], members['type'], members['required']])).toEqual(
      expect.arrayContaining([
        ['objectId', 'STRING_ID', true],
        ['created', 'DATETIME', true],
        ['amount', 'INT', false],
        ['payload', 'UNKNOWN', true],
      ]),
    )
  })

  test('another table is unknown', async () => {
    expect(await faultOf(javaCall(PERSISTENCE, 'find', ['Orders', dataQuery({})]))).toMatchObject({
      faultCode: '1009',
      faultDetail: 'table_unknown',
    })
  })

  test.each(['save', 'remove', 'create-bulk', 'update-bulk', 'remove-bulk'])(
    '%s is refused',
    async (frame) => {
      expect(await faultOf(javaFrame(frame, 'request'))).toMatchObject({
        faultDetail: 'operation_not_allowed',
      })
    },
  )
})

describe('the rest', () => {
  test.each([
    ['by its key', DOOR],
    ['by its domain', '/api/binary'],
    ['with a wrong key, as by JSON', `/${APP}/tbc_wrong/binary`],
  ])('the look-up answers where realtime is, %s', async (_how, url) => {
    const answer = await resultOf(javaFrame('rt-lookup', 'request'), url, { host: 'pay.example.com' })
    expect(answer).toBe('http://pay.example.com')
  })

  test('a look-up for no app is refused late, and at a stop at once; other calls hear at once', async () => {
    await routes.stop()
    const time = createManualTime()
    routes = await startBackendlessRoutes({ after: time.timers.after })
    const url = '/app_unknown/tbc_client/binary'
    const told: string[] = []
    const asked = faultOf(javaFrame('rt-lookup', 'request'), url).then(({ faultDetail }) =>
      told.push(faultDetail),
    )
    expect(await faultOf(javaFrame('charge', 'request'), url)).toMatchObject({ faultDetail: 'app_unknown' })
    expect(told).toEqual([])
    time.advance(6_000)
    await asked
    expect(told).toEqual(['app_unknown'])

    const last = faultOf(javaFrame('rt-lookup', 'request'), url)
    await send(javaFrame('log', 'request'))
    await routes.fastify.close()
    expect(await last).toMatchObject({ faultDetail: 'app_unknown' })
  })

  test('logging and a logout come to nothing, and nobody is logged in', async () => {
    expect(await resultOf(javaFrame('log', 'request'))).toBeNull()
    expect(await resultOf(javaFrame('logout', 'request'))).toBeNull()
    expect(await resultOf(javaFrame('valid-login-stay', 'request'))).toBe(false)
  })

  test('nobody publishes', async () => {
    expect(await faultOf(javaCall(MESSAGING, 'publish', ['stripe', 'paid!']))).toMatchObject({
      faultDetail: 'operation_not_allowed',
    })
    expect(await faultOf(javaFrame('publish-map', 'request'))).toMatchObject({
      faultDetail: 'channel_unknown',
    })
  })

  test('the status of a message is of the class that the SDK casts to', async () => {
    const messageId = `message:${routes.rows[0].objectId}`
    expect(await resultOf(javaCall(MESSAGING, 'getMessageStatus', [messageId]))).toMatchObject({
      className: 'com.backendless.messaging.MessageStatus',
      members: { messageId, status: 'PUBLISHED' },
    })
    expect(await faultOf(javaFrame('message-status', 'request'))).toMatchObject({
      faultDetail: 'resource_missing',
    })
  })

  test.each(['counter', 'event', 'device-registration', 'roles', 'login', 'login-guest', 'describe-user'])(
    '%s is refused by a sentence that names what there is',
    async (frame) => {
      const fault = await faultOf(javaFrame(frame, 'request'))
      expect(fault).toMatchObject({ faultCode: '404', faultDetail: 'route_unknown' })
      expect(fault.faultString).toContain('CustomService.invoke("Stripe", "charge"')
    },
  )

  test('a call that objects have anyway is none', async () => {
    for (const operation of ['constructor', '__proto__', 'toString']) {
      expect(await faultOf(javaCall(PERSISTENCE, operation, ['StripeEvents']))).toMatchObject({
        faultDetail: 'route_unknown',
      })
    }
  })
})
