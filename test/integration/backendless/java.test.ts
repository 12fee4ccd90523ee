/** The door of the official Java SDK over HTTP: its own bytes, the sandbox's money, and connections that end too early. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AmfValue, TypedObject } from '../../../packages/server/src/compat/backendless/amf/value.ts'
import { call } from '../../support/api-client.ts'
import { eventually } from '../../support/eventually.ts'
import {
  AMF_TYPE,
  chargeCall,
  dataQuery,
  type JavaAnswer,
  type JavaFault,
  javaAnswer,
  javaCall,
  PERSISTENCE,
} from '../../support/java-call.ts'
import { javaFrame } from '../../support/java-frames.ts'
import { startTollbridge } from '../../support/start-tollbridge.ts'
import { type Guarded, startGuarded } from '../guard/start-guarded.ts'

let server: Guarded
beforeAll(async () => {
  server = await startGuarded({ GUARD: 'off' })
})
afterAll(() => server.stop())

const path = () => `/${server.appId}/${server.clientKey}/binary`

async function send(bytes: Uint8Array, url = server.url + path()): Promise<JavaAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': AMF_TYPE },
    body: Buffer.from(bytes),
  })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, AMF_TYPE])
  return javaAnswer(new Uint8Array(await response.arrayBuffer()))
}

type Fields = Readonly<Record<string, AmfValue>>

async function resultOf(...sent: Parameters<typeof send>): Promise<Fields> {
  const answer = await send(...sent)
  if (answer.fault !== undefined) throw new Error(answer.fault.faultString)
  return answer.result as Fields
}

async function faultOf(...sent: Parameters<typeof send>): Promise<JavaFault> {
  const { fault } = await send(...sent)
  if (fault === undefined) throw new Error('The call was answered with a result')
  return fault
}

/** Sends the whole call as Java does, and ends the connection without waiting for its answer. */
async function sendAndHangUp(bytes: Uint8Array): Promise<void> {
  const { hostname, port } = new URL(server.url)
  const head = `POST ${path()} HTTP/1.1\r\nHost: x\r\nContent-type: ${AMF_TYPE}\r\nContent-Length: ${bytes.length}\r\n\r\n`
  const socket = connect(Number(port), hostname)
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.write(Buffer.concat([Buffer.from(head), bytes]), () => resolve())
  })
  socket.destroy()
}

const chargesReach = (count: number) =>
  eventually(async () => (await server.chargesAtStripe()) === count, { what: 'the charge of who hung up' })

let purchases = 0
/** No other test buys the same. */
const purchase = (fields: Fields = {}) => ({
  token: 'tok_visa',
  amount: 1999,
  description: `Purchase ${purchases++}`,
  ...fields,
})

describe('the charge', () => {
  test('answers Stripe’s charge, with the token that shows its payer', async () => {
    const charge = await resultOf(chargeCall(purchase()))
    expect(charge).toMatchObject({
      id: expect.stringMatching(/^ch_/),
      object: 'charge',
      amount: 1999,
      currency: 'usd',
      paid: true,
      created: expect.any(Number),
      metadata: expect.any(Object),
      tollbridge_watch_token: expect.any(String),
    })
  })

  test('as recorded is charged, by the domain form too', async () => {
    const charge = await resultOf(javaFrame('charge', 'request'), `${server.url}/api/binary`)
    expect(charge).toMatchObject({ id: expect.stringMatching(/^ch_/), amount: 1999 })
  })

  test('a decline is a fault with what Stripe said', async () => {
    const declined = purchase({ token: 'tok_chargeDeclinedInsufficientFunds' })
    expect(await faultOf(chargeCall(declined))).toMatchObject({
      faultCode: '402',
      faultString: 'Your card has insufficient funds.',
      faultDetail: 'card_declined',
      extendedData: {
        type: 'card_error',
        code: 'card_declined',
        decline_code: 'insufficient_funds',
        charge: expect.stringMatching(/^ch_/),
        payment_intent: expect.stringMatching(/^pi_/),
        tollbridge_watch_token: expect.any(String),
        request_id: expect.any(String),
      },
    })
  })

  test('a card that wants 3-D Secure says what to do next', async () => {
    const charge = await resultOf(chargeCall(purchase({ token: 'tok_threeDSecure2Required' })))
    expect(charge).toMatchObject({ requires_action: true, client_secret: expect.stringMatching(/_secret_/) })
  })

  test.each<[string, Fields, string]>([
    ['a float of dollars', { amount: 19.989999771118164 }, 'amount'],
    ['text', { amount: '1999' }, 'amount'],
    ['nothing', { amount: null }, 'amount'],
    ['no token', { token: null }, 'token'],
    ['an unknown token', { token: 'tok_nobody' }, 'token'],
  ])('%s for a field is refused by its name, and charges nothing', async (_what, fields, param) => {
    const before = await server.chargesAtStripe()
    expect(await faultOf(chargeCall(purchase(fields)))).toMatchObject({
      faultCode: '400',
      faultString: expect.stringContaining(param),
    })
    expect(await server.chargesAtStripe()).toBe(before)
  })

  test('a card number is refused, and not repeated', async () => {
    const fault = await faultOf(chargeCall(purchase({ note: '4242424242424242' })))
    expect(fault.faultCode).toBe('400')
    expect(JSON.stringify(fault)).not.toContain('4242424242424242')
  })

  test('an integral double is the whole number that it is', async () => {
    const charge = await resultOf(chargeCall(purchase({ amount: 500, metadata: { big: 300_000_000 } })))
    expect(charge).toMatchObject({ amount: 500, metadata: { big: '300000000' } })
  })
})

describe('the same bytes again', () => {
  test('at the same time are one charge, and all hear of it', async () => {
    const before = await server.chargesAtStripe()
    const bytes = chargeCall(purchase())
    const all = await Promise.all(Array.from({ length: 8 }, () => resultOf(bytes)))
    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
    expect(all.filter(({ tollbridge_replayed: isReplayed }) => isReplayed === true)).toHaveLength(7)
    expect(await server.chargesAtStripe()).toBe(before + 1)
  })

  test.each<[string, Fields]>([
    ['a test token', {}],
    ['a payment method', { token: 'pm_card_visa' }],
    ['an order', { order_id: 'java-1' }],
    ['an order and its payer’s key', { order_id: 'java-2', payer_key: 'sixteen-letters-and-more' }],
  ])('after a connection that ended without an answer are one charge (%s)', async (_what, fields) => {
    const before = await server.chargesAtStripe()
    const bytes = chargeCall(purchase(fields))
    await sendAndHangUp(bytes)
    await chargesReach(before + 1)
    const charge = await resultOf(bytes)
    expect(charge).toMatchObject({ id: expect.stringMatching(/^ch_/), object: 'charge', status: 'succeeded' })
    expect((await resultOf(bytes))['id']).toBe(charge['id'])
    expect(await server.chargesAtStripe()).toBe(before + 1)
  })

  test('with a single-use token hear all of the charge', async () => {
    const bytes = chargeCall(purchase({ token: await server.freshToken() }))
    await sendAndHangUp(bytes)
    const charge = await resultOf(bytes)
    expect(charge).toMatchObject({ paid: true, amount: 1999, tollbridge_watch_token: expect.any(String) })
    expect(await resultOf(bytes)).toMatchObject({ id: charge['id'], paid: true, tollbridge_replayed: true })
  })

  test('of a decline with a single-use token hear the decline', async () => {
    const before = await server.chargesAtStripe()
    const bytes = chargeCall(purchase({ token: await server.freshToken('4000000000000002') }))
    await sendAndHangUp(bytes)
    for (const _ of [1, 2])
      expect(await faultOf(bytes)).toMatchObject({ faultCode: '402', faultDetail: 'card_declined' })
    expect(await server.chargesAtStripe()).toBe(before + 1)
  })

  test('with another amount, description or order id are another charge', async () => {
    const before = await server.chargesAtStripe()
    const { description } = purchase()
    const same = { token: 'tok_visa', amount: 700, description }
    for (const fields of [same, { ...same, amount: 701 }, purchase(), { ...same, order_id: 'java-3' }])
      await resultOf(chargeCall(fields))
    expect(await server.chargesAtStripe()).toBe(before + 4)
  })
})

describe('an order that has begun', () => {
  test('is nobody’s without a proof, and its payer’s with the watch token as user token', async () => {
    const order = purchase({ order_id: 'java-4' })
    const { tollbridge_watch_token: token, id } = await resultOf(chargeCall(order))
    const other = { ...order, token: 'tok_mastercard' }
    expect(await faultOf(chargeCall(other))).toMatchObject({
      faultCode: '403',
      faultDetail: 'proof_required',
    })
    expect(await resultOf(chargeCall(other, { 'user-token': token ?? null }))).toMatchObject({ id })
  })
})

test('the row of a charge is read by its id, counted, and its columns described', async () => {
  const { id } = await resultOf(chargeCall(purchase()))
  const query = dataQuery({ whereClause: `id = '${String(id)}'` }, { sortBy: ['created desc'] })
  const find = javaCall(PERSISTENCE, 'find', ['StripeEvents', query])
  const rows = await eventually(
    async () => {
      const found = (await resultOf(find)) as unknown as TypedObject[]
      return found.length > 0 && found
    },
    { what: 'the event of the charge' },
  )
  const [row] = rows
  expect(row).toMatchObject({
    className: 'StripeEvents',
    members: {
      ___class: 'StripeEvents',
      id,
      created: expect.any(Date),
      amount: 1999,
      payload: { object: 'event' },
    },
  })
  expect(await resultOf(javaCall(PERSISTENCE, 'count', ['StripeEvents', query]))).toBe(rows.length)
  const objectId = row?.members['objectId'] ?? null
  expect(await resultOf(javaCall(PERSISTENCE, 'findById', ['StripeEvents', objectId, []]))).toMatchObject({
    members: { objectId },
  })
  expect(await resultOf(javaFrame('describe', 'request'))).toHaveLength(19)
})

test('the look-up answers where realtime is', async () => {
  expect(await resultOf(javaFrame('rt-lookup', 'request'))).toBe(server.url)
})

test('the brake is a fault, and no success without a result', async () => {
  const brake = (on: boolean) =>
    call(server, '/v1/admin/brake', {
      key: server.operatorKey ?? '',
      body: { on, reason: 'We look into it' },
    })
  await brake(true)
  expect(await faultOf(chargeCall(purchase()))).toMatchObject({
    faultCode: '503',
    faultDetail: 'charges_stopped',
    faultString: expect.stringContaining('We look into it'),
    extendedData: { retry_after: 60 },
  })
  await brake(false)
})

test.each([
  ['an unknown app', () => `/app_unknown/${server.clientKey}/binary`, 'app_unknown'],
  ['a short app id', () => `/abc/${server.clientKey}/binary`, 'route_unknown'],
  ['a wrong key', () => `/${server.appId}/tbc_wrong/binary`, 'api_key_invalid'],
  ['a path that cannot be read', () => `/${server.appId}/%E0%A4%A/binary`, 'route_unknown'],
])('%s is a fault with HTTP 200', async (_what, at, detail) => {
  const answer = await faultOf(javaFrame('charge', 'request'), server.url + at())
  expect(answer.faultDetail).toBe(detail)
})

test('a connection too many is a fault with HTTP 200', async () => {
  const small = await startTollbridge({ env: { MAX_CONNECTIONS_PER_ADDRESS: '1' } })
  const { hostname, port } = new URL(small.url)
  const first = connect(Number(port), hostname)
  await new Promise((resolve) => first.once('connect', resolve))
  const url = `${small.url}/${small.appId}/${small.clientKey}/binary`
  expect(await faultOf(javaFrame('charge', 'request'), url)).toMatchObject({
    faultCode: '429',
    faultDetail: 'too_many_connections',
  })
  first.destroy()
  await small.stop()
})
