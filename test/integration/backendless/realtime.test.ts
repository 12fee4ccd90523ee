/** Messages and row listeners by each generation of the official SDK, over both transports and a restart. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type AuthorizingProxy, startAuthorizingProxy } from '../../support/authorizing-proxy.ts'
import { eventually } from '../../support/eventually.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import { type Sdk, type SdkVersion, sdkVersions } from './official-sdks.ts'
import { type Relay, startRelay } from './relay.ts'
import {
  anEar,
  anOrderId,
  chargeOf,
  type Ear,
  openSession,
  pay,
  type SdkSession,
  signIn,
} from './sdk-session.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-test-'))
let tollbridge: Tollbridge
/** Adds the server key, which the SDKs cannot. */
let proxy: AuthorizingProxy
const sessions: SdkSession[] = []
const relays: Relay[] = []

beforeAll(async () => {
  tollbridge = await startTollbridge({ dataDir: folder })
  proxy = await startAuthorizingProxy(tollbridge.url, tollbridge.serverKey)
})

afterEach(async () => {
  for (const session of sessions.splice(0)) session.close()
  for (const relay of relays.splice(0)) await relay.stop()
})

afterAll(async () => {
  await proxy.stop()
  await tollbridge.stop()
  rmSync(folder, { recursive: true, force: true })
})

function open(version: SdkVersion, { role = 'client', url = tollbridge.url } = {}): Sdk {
  const { appId, clientKey: key } = tollbridge
  const session = openSession(version, { appId, key, url: role === 'server' ? proxy.url : url })
  sessions.push(session)
  return session.sdk
}

async function relayTo(port: number, webSockets: boolean): Promise<Relay> {
  const relay = await startRelay(port, { webSockets })
  relays.push(relay)
  return relay
}

/** Waits for the first thing heard, and fails with what the listener was told instead. */
async function first<T>(ear: Ear<T>): Promise<T> {
  const heard = await eventually(() => {
    if (ear.errors.length > 0) throw new Error(`Refused: ${JSON.stringify(ear.errors)}`)
    return ear.heard.length > 0 && ear.heard
  })
  return heard[0] as T
}

/** Subscribes, pays, and waits: whatever was asked of this connection before has been done by then. */
async function settle(sdk: Sdk): Promise<void> {
  const orderId = anOrderId()
  const ear = anEar()
  sdk.Messaging.subscribe('stripe').addMessageListener(chargeOf(orderId), ear.listen, ear.fail)
  await pay(tollbridge, orderId)
  await first(ear)
}

describe.each(sdkVersions)('%s', (version) => {
  test.each([
    ['WebSocket', true],
    ['long-polling', false],
  ])('hears of its order over %s, in the message that the cloud sends', async (_transport, webSockets) => {
    const relay = await relayTo(tollbridge.port, webSockets)
    const sdk = open(version, { url: relay.url })
    const orderId = anOrderId()
    const ear = anEar()
    sdk.Messaging.subscribe('stripe').addMessageListener(chargeOf(orderId), ear.listen, ear.fail)
    if (webSockets) await eventually(() => relay.upgrades > 0, { what: 'the upgrade' })
    const charge = await pay(tollbridge, orderId)
    const message = await first(ear)
    expect(relay.upgrades).toBe(webSockets ? 1 : 0)
    expect(message).toEqual({
      messageId: expect.stringMatching(/^message:[\w-]{36}$/),
      timestamp: expect.any(Number),
      message: expect.objectContaining({ object: 'event', type: 'charge.succeeded' }),
      headers: expect.objectContaining({ id: charge.id, orderId, amount: '1999', livemode: 'false' }),
      publisherId: null,
      subtopic: null,
      pushSinglecast: null,
      pushBroadcast: null,
      publishPolicy: null,
      templateValues: null,
      query: null,
      publishAt: 0,
      repeatEvery: 0,
      repeatExpiresAt: 0,
    })
    expect(JSON.stringify(message)).not.toMatch(/client_secret|billing_details/)
  })

  test('charge first and subscribe afterwards still hears it, once', async () => {
    const sdk = open(version)
    const orderId = anOrderId()
    const charge = await pay(tollbridge, orderId)
    const ear = anEar()
    sdk.Messaging.subscribe('stripe').addMessageListener(
      `id = '${charge.id}' and type = 'charge.succeeded'`,
      ear.listen,
      ear.fail,
    )
    expect((await first(ear)).headers['id']).toBe(charge.id)
    await settle(sdk)
    expect(ear.heard).toHaveLength(1)
  })

  test('listeners with and without a selector are told apart; only a server may leave it out', async () => {
    const orderId = anOrderId()
    const server = open(version, { role: 'server' })
    const channel = server.Messaging.subscribe('stripe')
    const [all, withNull, empty, mine, other] = [anEar(), anEar(), anEar(), anEar(), anEar()]
    channel.addMessageListener(all.listen, all.fail)
    channel.addMessageListener(null as unknown as string, withNull.listen, withNull.fail)
    channel.addMessageListener('', empty.listen, empty.fail)
    channel.addMessageListener(chargeOf(orderId), mine.listen, mine.fail)
    channel.addMessageListener(`orderId = '${orderId}-other'`, other.listen, other.fail)
    await settle(server)
    await pay(tollbridge, orderId)
    await first(mine)
    const isMine = ({ headers }: { headers: Readonly<Record<string, string>> }) =>
      headers['orderId'] === orderId && headers['type'] === 'charge.succeeded'
    for (const ear of [all, withNull, empty]) {
      await eventually(() => ear.heard.some(isMine))
      expect(ear.heard.filter(isMine)).toHaveLength(1)
    }
    expect(mine.heard).toHaveLength(1)
    expect(other.heard).toEqual([])

    const client = open(version).Messaging.subscribe('stripe')
    for (const selector of [
      undefined,
      '',
      "type = 'charge.succeeded'",
      `orderId = '${orderId}' or amount > 0`,
    ]) {
      const refused = anEar()
      if (selector === undefined) client.addMessageListener(refused.listen, refused.fail)
      else client.addMessageListener(selector, refused.listen, refused.fail)
      const [error] = await eventually(() => refused.errors.length > 0 && refused.errors)
      expect(error).toMatchObject({ code: 403, message: expect.stringContaining("id = 'ch_…'") })
      expect(refused.heard).toEqual([])
    }
  })

  test('a selector that does not parse reaches its onError with the place', async () => {
    const ear = anEar()
    open(version).Messaging.subscribe('stripe').addMessageListener("id = 'ch_1' and", ear.listen, ear.fail)
    const [error] = await eventually(() => ear.errors.length > 0 && ear.errors)
    expect(error).toMatchObject({ code: 1017, message: expect.stringContaining('position 15') })
  })

  test('every form of removing a listener silences it and no other', async () => {
    const orderId = anOrderId()
    const selector = chargeOf(orderId)
    const another = `${selector} and amount > 0`
    const sdk = open(version, { role: 'server' })
    const channel = sdk.Messaging.subscribe('stripe')
    const cleared = sdk.Messaging.subscribe('stripe')
    const [gone1, gone2, gone3, gone4, kept] = [anEar(), anEar(), anEar(), anEar(), anEar()]
    channel.addMessageListener(selector, gone1.listen)
    channel.addMessageListener(gone2.listen)
    channel.addMessageListener(another, gone3.listen)
    channel.addMessageListener(selector, kept.listen)
    cleared.addMessageListener(selector, gone4.listen)
    await settle(sdk)
    // 5.0.0 looks for the callback in the wrong place when it is told the selector as well.
    if (version === '5.0.0') channel.removeMessageListener(gone1.listen)
    else channel.removeMessageListener(selector, gone1.listen)
    channel.removeMessageListener(gone2.listen)
    channel.removeMessageListeners(another)
    cleared.removeAllMessageListeners()
    await settle(sdk)
    const before = gone2.heard.length
    await pay(tollbridge, orderId)
    await first(kept)
    await settle(sdk)
    expect([gone1, gone3, gone4].map((ear) => ear.heard)).toEqual([[], [], []])
    expect(gone2.heard).toHaveLength(before)
    expect(kept.heard).toHaveLength(1)
  })

  test('a channel can be left and joined again', async () => {
    const sdk = open(version)
    const channel = sdk.Messaging.subscribe('stripe')
    const joined = anEar()
    channel.addConnectListener(() => joined.listen('joined'), joined.fail)
    await first(joined)
    expect(channel.isJoined()).toBe(true)
    channel.leave()
    expect(channel.isJoined()).toBe(false)
    channel.join()
    await eventually(() => channel.isJoined())
  })

  test('a row listener hears of the rows that its clause names', async () => {
    const orderId = anOrderId()
    const sdk = open(version)
    const listeners = sdk.Data.of('StripeEvents').rt()
    const [ear, removed, removedByCallback] = [anEar(), anEar(), anEar()]
    const [updated, invalid, unpinned] = [anEar(), anEar(), anEar()]
    listeners.addCreateListener(chargeOf(orderId), ear.listen, ear.fail)
    listeners.addCreateListener(`${chargeOf(orderId)} and amount > 0`, removed.listen)
    listeners.addCreateListener(chargeOf(orderId), removedByCallback.listen)
    listeners.addUpdateListener(chargeOf(orderId), updated.listen, updated.fail)
    listeners.addCreateListener("colour = 'red'", invalid.listen, invalid.fail)
    listeners.addCreateListener(unpinned.listen, unpinned.fail)
    await settle(sdk)
    listeners.removeCreateListeners(`${chargeOf(orderId)} and amount > 0`)
    listeners.removeCreateListener(removedByCallback.listen)
    await settle(sdk)
    const charge = await pay(tollbridge, orderId)
    const row = (await first(ear)) as unknown as { objectId: string }
    expect(row).toMatchObject({
      ___class: 'StripeEvents',
      id: charge.id,
      orderId,
      amount: 1999,
      updated: null,
    })
    expect(await sdk.Data.of('StripeEvents').findById(row.objectId)).toEqual(row)
    expect(invalid.errors).toEqual([expect.objectContaining({ message: expect.stringContaining('colour') })])
    expect(unpinned.errors).toEqual([expect.objectContaining({ code: 403 })])
    expect([...removed.heard, ...removedByCallback.heard, ...updated.heard, ...updated.errors]).toEqual([])
  })
})

/** Ids of the SUB_ON frames that clients posted, with repetitions. */
function subscriptionIds({ posted }: Relay): string[] {
  const frames = posted.flatMap((body) => [...body.matchAll(/\["SUB_ON",\{"id":"(\w+)"/g)])
  return frames.map((frame) => frame[1] ?? '')
}

describe('signing in', () => {
  // 5.0.0 has no way to set a token.
  test.each(['5.9.4', '7.0.4', '7.4.9', '8.0.0'] as const)(
    '%s may set any user token while connected, and goes on hearing',
    async (version) => {
      const sdk = open(version)
      await settle(sdk)
      signIn(sdk, 'A-TOKEN-OF-THE-APP')
      await settle(sdk)
      expect(
        await sdk.CustomServices.invoke('Stripe', 'charge', { token: 'tok_visa', amount: 600 }),
      ).toMatchObject({ amount: 600 })
      sdk.setCurrentUserToken(null)
      await settle(sdk)
    },
  )

  test('where the app asks for it, the watch token of a charge is the user token that opens its events', async () => {
    const strict = await startTollbridge({ env: { REQUIRE_WATCH_TOKEN: 'true' } })
    try {
      const orderId = anOrderId()
      const { watchToken } = await pay(strict, orderId)
      for (const version of ['5.9.4', '7.4.9', '8.0.0'] as const) {
        const session = openSession(version, { appId: strict.appId, key: strict.clientKey, url: strict.url })
        sessions.push(session)
        const channel = session.sdk.Messaging.subscribe('stripe')
        const [refused, ear] = [anEar(), anEar()]
        channel.addMessageListener(chargeOf(orderId), refused.listen, refused.fail)
        const [error] = await eventually(() => refused.errors.length > 0 && refused.errors)
        expect(error).toMatchObject({ code: 403, message: expect.stringContaining('watch token') })
        signIn(session.sdk, watchToken)
        channel.addMessageListener(chargeOf(orderId), ear.listen, ear.fail)
        await first(ear)
        const rows = session.sdk.Data.of('StripeEvents')
        expect(await rows.getObjectCount(chargeOf(orderId))).toBe(1)
        await expect(rows.getObjectCount("orderId = 'order-of-another'")).rejects.toMatchObject({ code: 403 })
      }
    } finally {
      for (const session of sessions.splice(0)) session.close()
      await strict.stop()
    }
  })
})

describe('a lost line is made good: nothing is missed, and what comes again has the same message id', () => {
  // SDKs before 7 take the end of a transport for a failed connect, and never come back by themselves.
  test.each(['7.0.4', '7.4.9', '8.0.0'] as const)('%s', async (version) => {
    const relay = await relayTo(tollbridge.port, true)
    const sdk = open(version, { url: relay.url })
    const [before, after] = [anOrderId(), anOrderId()]
    const ear = anEar()
    const selector = `orderId in ('${before}', '${after}') and type = 'charge.succeeded'`
    sdk.Messaging.subscribe('stripe').addMessageListener(selector, ear.listen, ear.fail)
    await eventually(() => relay.upgrades === 1, { what: 'the first WebSocket' })
    await pay(tollbridge, before)
    await first(ear)
    relay.cut()
    await pay(tollbridge, after)
    await eventually(() => relay.upgrades === 2, { what: 'the second WebSocket' })
    await eventually(() => ear.heard.some(({ headers }) => headers['orderId'] === after))
    const distinct = new Map(ear.heard.map(({ messageId, headers }) => [messageId, headers['orderId']]))
    expect([...distinct.values()]).toEqual([before, after])
  })
})

describe('a restart of the server', () => {
  test('brings every SDK back with the ids it had, to hear what comes', async () => {
    const relay = await relayTo(tollbridge.port, false)
    const [before, after] = [anOrderId(), anOrderId()]
    const ears = sdkVersions.map((version) => {
      const ear = anEar()
      const sdk = open(version, { url: relay.url })
      const selector = `orderId in ('${before}', '${after}') and type = 'charge.succeeded'`
      sdk.Messaging.subscribe('stripe').addMessageListener(selector, ear.listen, ear.fail)
      return ear
    })
    await pay(tollbridge, before)
    for (const ear of ears) await first(ear)
    const idsBefore = new Set(subscriptionIds(relay))
    // SDKs before 7 come back only if they were listening at the moment when the server said goodbye.
    await eventually(() => relay.openPolls === ears.length, { what: 'every SDK to wait for news' })

    await tollbridge.stop()
    tollbridge = await startTollbridge({ dataDir: folder })
    relay.targetPort = tollbridge.port
    await pay(tollbridge, after)
    for (const ear of ears) {
      await eventually(() => ear.heard.some(({ headers }) => headers['orderId'] === after))
    }
    expect(new Set(subscriptionIds(relay))).toEqual(idsBefore)
  })
})
