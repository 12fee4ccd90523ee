/** `initApp` in every form that works against the cloud, for each generation of the official SDK. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import { loadSdk, type Sdk, type SdkVersion } from './official-sdks.ts'
import { anEar, type Charge, type SdkSession, sessionOf } from './sdk-session.ts'

let tollbridge: Tollbridge
const sessions: SdkSession[] = []

beforeAll(async () => {
  tollbridge = await startTollbridge()
})

afterEach(() => {
  for (const session of sessions.splice(0)) session.close()
})

afterAll(() => tollbridge.stop())

/** The seed's own flow: charge, subscribe, hear of it. The app is done when all three work. */
async function proveItWorks(sdk: Sdk): Promise<void> {
  sessions.push(sessionOf(sdk))
  const charge = (await sdk.CustomServices.invoke('Stripe', 'charge', {
    token: 'tok_visa',
    amount: 1999,
  })) as Charge
  expect(charge).toMatchObject({ object: 'charge', amount: 1999, status: 'succeeded' })
  const ear = anEar()
  sdk.Messaging.subscribe('stripe').addMessageListener(
    `id = '${charge.id}' and type = 'charge.succeeded'`,
    ear.listen,
    ear.fail,
  )
  const [message] = await eventually(() => ear.heard.length > 0 && ear.heard)
  expect(message).toMatchObject({
    headers: { id: charge.id },
    message: { data: { object: { id: charge.id } } },
  })
  expect(ear.errors).toEqual([])
}

const since = (...versions: SdkVersion[]) => versions

describe('serverURL, then initApp(appId, apiKey)', () => {
  test.each(since('5.0.0', '5.9.4', '7.0.4', '7.4.9', '8.0.0'))('%s', async (version) => {
    const sdk = loadSdk(version)
    sdk.serverURL = tollbridge.url
    sdk.initApp(tollbridge.appId, tollbridge.clientKey)
    await proveItWorks(sdk)
  })
})

describe('a server key in the place of the API key is refused, with what to do', () => {
  test.each(since('5.0.0', '8.0.0'))('%s', async (version) => {
    const sdk = loadSdk(version)
    sdk.serverURL = tollbridge.url
    sdk.initApp(tollbridge.appId, tollbridge.serverKey)
    const refusal = await sdk.Data.of('StripeEvents')
      .find()
      .then(
        () => null,
        (error: unknown) => error,
      )
    expect(refusal).toMatchObject({ code: 401, message: expect.stringContaining('Authorization: Bearer') })
    expect(JSON.stringify(refusal)).not.toContain(tollbridge.serverKey)
  })
})

describe('initApp({ appId, apiKey, serverURL })', () => {
  test.each(since('5.9.4', '7.0.4', '7.4.9', '8.0.0'))('%s', async (version) => {
    const sdk = loadSdk(version)
    const { appId, clientKey: apiKey, url: serverURL } = tollbridge
    sdk.initApp({ appId, apiKey, serverURL })
    await proveItWorks(sdk)
  })
})

describe('the same with standalone, beside another app in one process', () => {
  test.each(since('5.9.4', '7.0.4', '7.4.9', '8.0.0'))('%s', async (version) => {
    const { appId, clientKey: apiKey, url: serverURL } = tollbridge
    const sdk = loadSdk(version).initApp({ appId, apiKey, serverURL, standalone: true }) as unknown as Sdk
    await proveItWorks(sdk)
  })
})

describe('a serverURL with a slash at its end', () => {
  test.each(since('5.0.0', '5.9.4', '7.0.4', '7.4.9', '8.0.0'))('%s', async (version) => {
    const sdk = loadSdk(version)
    sdk.serverURL = `${tollbridge.url}/`
    sdk.initApp(tollbridge.appId, tollbridge.clientKey)
    await proveItWorks(sdk)
  })
})

describe('initApp(domain)', () => {
  test.each(since('7.0.4', '7.4.9', '8.0.0'))('%s', async (version) => {
    const sdk = loadSdk(version)
    sdk.initApp(tollbridge.url)
    await proveItWorks(sdk)
  })
})

describe('initApp(domain) with a slash at its end', () => {
  test.each(since('7.0.4', '7.4.9', '8.0.0'))('%s', async (version) => {
    const sdk = loadSdk(version)
    sdk.initApp(`${tollbridge.url}/`)
    await proveItWorks(sdk)
  })
})

describe('initApp({ domain })', () => {
  test.each(since('7.0.4', '7.4.9', '8.0.0'))('%s', async (version) => {
    const sdk = loadSdk(version)
    sdk.initApp({ domain: tollbridge.url } as unknown as Parameters<Sdk['initApp']>[0] & object)
    await proveItWorks(sdk)
  })
})

test('the public address, where one is set, is where realtime is looked for', async () => {
  const elsewhere = await startTollbridge({ env: { PUBLIC_URL: 'https://pay.example.com' } })
  try {
    for (const path of ['info', 'rt/lookup']) {
      const root = `${elsewhere.url}/${elsewhere.appId}/${elsewhere.clientKey}`
      expect(await (await fetch(`${root}/${path}`)).text()).toContain('"https://pay.example.com"')
    }
  } finally {
    await elsewhere.stop()
  }
})
