/** What the official SDKs make of late and broken connections; their contract as a whole is tested elsewhere. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { loadSdk, type Sdk } from '../backendless/official-sdks.ts'
import { APP_ID, CLIENT_KEY, type Realtime, startRealtime } from './start-realtime.ts'

/** Present in every version, absent from the types. */
const rt = (sdk: Sdk) => sdk.RT as unknown as { connect(): void; disconnect(): void }

let realtime: Realtime
let sdk: Sdk

describe.each([['8.0.0'], ['7.4.9'], ['5.0.0']] as const)('%s', (version) => {
  beforeEach(async () => {
    realtime = await startRealtime()
    sdk = loadSdk(version)
    sdk.serverURL = realtime.url
    sdk.initApp(APP_ID, CLIENT_KEY)
  })

  afterEach(async () => {
    rt(sdk).disconnect()
    await realtime.stop()
  })

  function listen(selector: string) {
    const heard: string[] = []
    const errors: unknown[] = []
    const channel = sdk.Messaging.subscribe('stripe')
    channel.addMessageListener(
      selector,
      ((message: { messageId: string; headers: { id: string } }) => heard.push(message.headers.id)) as never,
      ((error: unknown) => errors.push(error)) as never,
    )
    return { heard, errors, channel }
  }

  test('a listener that comes after the event hears it once', async () => {
    await realtime.emit({ chargeId: 'ch_a' }, { chargeId: 'ch_b' })
    const { heard, errors } = listen("id = 'ch_a'")
    await eventually(() => heard.length === 1)
    await realtime.emit({ chargeId: 'ch_a' })
    await eventually(() => heard.length === 2)
    expect(errors).toEqual([])
  })

  test('RT.disconnect and RT.connect: what happened in between comes once, and nothing again', async () => {
    const { heard } = listen("id in ('ch_1', 'ch_2', 'ch_3')")
    await eventually(() => realtime.listeners() === 1)
    await realtime.emit({ chargeId: 'ch_1' })
    await eventually(() => heard.length === 1)
    rt(sdk).disconnect()
    await eventually(() => realtime.listeners() === 0)
    await realtime.emit({ chargeId: 'ch_2' })
    rt(sdk).connect()
    await eventually(() => heard.length === 2)
    await realtime.emit({ chargeId: 'ch_3' })
    await eventually(() => heard.length === 3)
    expect(heard).toEqual(['ch_1', 'ch_2', 'ch_3'])
  })

  test('a bad selector reaches onError with a number, a sentence and the place', async () => {
    const { errors } = listen('id = = 5')
    await eventually(() => errors.length === 1)
    expect(errors[0]).toMatchObject({
      code: 1017,
      message: expect.stringContaining('position'),
      details: { code: 'selector_invalid' },
    })
  })

  test('a create listener of the table hears the row', async () => {
    const rows: { id: string; amount: number }[] = []
    sdk.Data.of('StripeEvents')
      .rt()
      .addCreateListener("id = 'ch_a' and amount > 1000", ((row: never) => rows.push(row)) as never)
    await eventually(() => realtime.listeners() === 1)
    await realtime.emit({ chargeId: 'ch_a', amount: 5 }, { chargeId: 'ch_a', amount: 5_000 })
    await eventually(() => rows.length === 1)
    expect(rows[0]).toMatchObject({ ___class: 'StripeEvents', id: 'ch_a', amount: 5_000 })
  })
})
