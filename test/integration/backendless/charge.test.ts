/** `CustomServices.invoke("Stripe", "charge", …)` by each generation of the official SDK. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import { type Sdk, type SdkVersion, sdkVersions } from './official-sdks.ts'
import { type Charge, openSession } from './sdk-session.ts'

let tollbridge: Tollbridge

beforeAll(async () => {
  tollbridge = await startTollbridge()
})

afterAll(() => tollbridge.stop())

interface Refusal {
  readonly code: number
  readonly message: string
  readonly status?: number
  readonly body?: { readonly errorData: Readonly<Record<string, unknown>> }
}

async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call
  } catch (error) {
    return error as Refusal
  }
  throw new Error('Expected a refusal')
}

const invoke = (sdk: Sdk, body?: unknown, method = 'charge', service = 'Stripe') =>
  sdk.CustomServices.invoke(service, method, body as object)

/** 5.0.0 hands on code and message alone. */
const showsBodies = (version: SdkVersion) => version !== '5.0.0'

describe.each(sdkVersions)('%s', (version) => {
  let sdk: Sdk

  beforeAll(() => {
    const { appId, clientKey: key, url } = tollbridge
    sdk = openSession(version, { appId, key, url }).sdk
  })

  test("an object answers Stripe's charge", async () => {
    const charge = (await invoke(sdk, { token: 'tok_visa', amount: 1999 })) as Charge
    expect(charge).toMatchObject({
      id: expect.stringMatching(/^ch_/),
      object: 'charge',
      amount: 1999,
      currency: 'usd',
      paid: true,
    })
  })

  test('an object inside an array answers the same', async () => {
    const charge = (await invoke(sdk, [{ token: 'tok_mastercard', amount: 500 }])) as Charge
    expect(charge).toMatchObject({ id: expect.stringMatching(/^ch_/), amount: 500 })
  })

  test('an execution type and headers of the app do no harm', async () => {
    const options = { executionType: 'sync', httpRequestHeaders: { 'x-shop': '1' } }
    const call = sdk.CustomServices.invoke as (...args: unknown[]) => Promise<unknown>
    const charge = await call.call(
      sdk.CustomServices,
      'Stripe',
      'charge',
      { token: 'tok_visa', amount: 700 },
      options,
    )
    expect(charge).toMatchObject({ amount: 700 })
  })

  test("a decline carries Stripe's message, code, decline code and charge", async () => {
    const refusal = await refusalOf(
      invoke(sdk, { token: 'tok_chargeDeclinedInsufficientFunds', amount: 1999 }),
    )
    expect(refusal).toMatchObject({ code: 402, message: 'Your card has insufficient funds.' })
    if (!showsBodies(version)) return
    expect(refusal).toMatchObject({
      status: 402,
      body: {
        errorData: {
          type: 'card_error',
          code: 'card_declined',
          decline_code: 'insufficient_funds',
          charge: expect.stringMatching(/^ch_/),
          payment_intent: expect.stringMatching(/^pi_/),
        },
      },
    })
  })

  test.each([
    ['no body at all', undefined, 'token'],
    ['a text', 'tok_visa', 'JSON'],
    ['no token', { amount: 1999 }, 'token'],
    ['no amount', { token: 'tok_visa' }, 'amount'],
    ['a fraction', { token: 'tok_visa', amount: 19.99 }, 'amount'],
    ['an unknown token', { token: 'tok_nobody', amount: 1999 }, 'token'],
  ])('%s is refused by a sentence that names the field', async (_what, body, named) => {
    const refusal = await refusalOf(invoke(sdk, body))
    expect(refusal).toMatchObject({ code: 400, message: expect.stringContaining(named) })
    if (showsBodies(version)) expect(refusal.body?.errorData['request_id']).toBeTypeOf('string')
  })

  test('an unknown method or service is refused', async () => {
    for (const refusal of [
      await refusalOf(invoke(sdk, {}, 'refund')),
      await refusalOf(invoke(sdk, {}, 'charge', 'PayPal')),
    ]) {
      expect(refusal).toMatchObject({ code: 404, message: expect.stringContaining('"Stripe"') })
    }
  })

  test('a wrong key and a wrong app are refused', async () => {
    const { appId, clientKey: key, url } = tollbridge
    const charge = { token: 'tok_visa', amount: 1999 }
    const wrongKey = openSession(version, { appId, key: 'tbc_somebody', url }).sdk
    expect(await refusalOf(invoke(wrongKey, charge))).toMatchObject({ code: 401 })
    const wrongApp = openSession(version, { appId: 'app_somebody', key, url }).sdk
    expect(await refusalOf(invoke(wrongApp, charge))).toMatchObject({
      code: 404,
      message: expect.stringContaining('app_somebody'),
    })
  })
})

describe('without an SDK', () => {
  test.each([
    '/services/Stripe/charge',
    '/Stripe/charge',
    '/api/services/Stripe/charge',
    '/api/Stripe/charge',
    '//api//services/Stripe/charge',
    '/api/services/Stripe/1.0.0/charge',
  ])('POST %s charges', async (path) => {
    const answer = await fetch(tollbridge.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '{ "amount" : 1999,\n "token" : "tok_visa" }',
    })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ object: 'charge' })
    expect(answer.headers.get('tollbridge-watch-token')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
  })
})
