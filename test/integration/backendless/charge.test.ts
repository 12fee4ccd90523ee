/** `CustomServices.invoke("Stripe", "charge", …)` by each generation of the official SDK. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import { type Sdk, type SdkVersion, sdkVersions } from './official-sdks.ts'
import { type Charge, openSession, refusalOf } from './sdk-session.ts'

let tollbridge: Tollbridge

beforeAll(async () => {
  tollbridge = await startTollbridge()
})

afterAll(() => tollbridge.stop())

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
    // Newer SDKs print that they could not load the info of a wrong app.
    vi.spyOn(console, 'error').mockImplementation(() => {})
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

describe('an execution type and headers of the app do no harm', () => {
  // 5.0.0 has no such options.
  test.each(['5.9.4', '7.0.4', '7.4.9', '8.0.0'] as const)('%s', async (version) => {
    const { appId, clientKey: key, url } = tollbridge
    const { CustomServices } = openSession(version, { appId, key, url }).sdk
    const invokeWith = CustomServices.invoke.bind(CustomServices) as (...args: unknown[]) => Promise<unknown>
    const options = { executionType: 'async', httpRequestHeaders: { 'x-shop': '1' } }
    const body = { token: 'tok_visa', amount: 700 }
    expect(await invokeWith('Stripe', 'charge', body, options)).toMatchObject({ amount: 700 })
    expect(await invokeWith('Stripe', 'charge', body, 'async-low-priority')).toMatchObject({ amount: 700 })
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
