/** The official Java SDK itself, where its jars are given: charge, live messages, declines, reads, and a restart in the middle. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../../support/api-client.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/product-process.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

/** A class path: the SDK's jar and those that it needs. examples/android-sample/README.md says which. */
const jars = process.env['TOLLBRIDGE_BACKENDLESS_JAR'] ?? ''
const reason = jars === '' ? ': TOLLBRIDGE_BACKENDLESS_JAR names no jars of it' : ''
const JOURNEY = fileURLToPath(new URL('./JavaJourney.java', import.meta.url))
const SAMPLE = fileURLToPath(new URL('../../../examples/android-sample/Sample.java', import.meta.url))

describe.skipIf(reason !== '')(`with the official Java SDK${reason}`, () => {
  const folder = temporaryFolder()
  let server: Tollbridge
  let java: ChildProcess
  const said: string[] = []

  const start = (port = '0') => startTollbridge({ dataDir: folder.path, env: { PORT: port } })
  const tell = (line: string) => java.stdin?.write(`${line}\n`)
  /** The line that begins so, once it is there. */
  const hear = (beginning: string) =>
    eventually(() => said.find((line) => line.startsWith(beginning)) ?? null, {
      what: `"${beginning}" among ${JSON.stringify(said)}`,
    })
  const chargeId = async () => (await hear('charged')).split(' ')[1] ?? ''

  beforeAll(async () => {
    server = await start()
    java = spawn('java', ['-cp', jars, JOURNEY, server.url, server.appId, server.clientKey], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    if (java.stdout !== null) createInterface({ input: java.stdout }).on('line', (line) => said.push(line))
  }, 60_000)
  afterAll(async () => {
    java?.kill()
    await server?.stop()
    folder.remove()
  })

  test('a charge is a HashMap, and is heard of as one, as a message with its headers, and as a row', async () => {
    tell('charge tok_visa 1999 -')
    expect(await hear('charged')).toMatch(/^charged ch_\w+ 1999 HashMap$/)
    tell(`listen ${await chargeId()}`)
    await hear('joined')
    await hear('message charge.succeeded')
    await hear('info charge.succeeded')
  }, 60_000)

  test('declines and mistakes come with their code, detail and words', async () => {
    tell('charge tok_chargeDeclined 1999 -')
    expect(await hear('fault 402')).toBe('fault 402 card_declined: Your card was declined.')
    tell('charge tok_visa 19.99 -')
    expect(await hear('fault 400')).toMatch(/^fault 400 amount_invalid: .*whole number/)
    tell('listen-to-all')
    expect(await hear('refused')).toMatch(/^refused: A client key must name the transaction/)
  }, 60_000)

  test('rows are found, counted, looked up and described', async () => {
    tell(`read ${await chargeId()}`)
    expect(await hear('found')).toMatch(/^found [1-9]\d* StripeEvents Date true$/)
    expect(Number((await hear('counted')).split(' ')[1])).toBeGreaterThan(0)
    expect(await hear('by id')).toBe('by id true')
    expect(await hear('described')).toBe('described true')
  }, 60_000)

  test('after a restart it is back at once, and hears what happened since', async () => {
    const { port } = server
    const payments = await call(server, '/v1/payments')
    const paid = (payments.body['data'] as { id: string; status: string }[]).find(
      ({ status }) => status === 'succeeded',
    )
    await server.stop()
    server = await start(String(port))
    await call(server, `/v1/payments/${paid?.id}/refund`, { body: { amount: 500 } })
    // Deaf clients would need 42 s.
    await hear('message charge.refunded')
    await hear('row charge.refunded')
    expect(said.filter((line) => line === 'message charge.refunded')).toHaveLength(1)
  }, 60_000)

  test('the sample runs to its end', async () => {
    const address = [server.url, server.appId, server.clientKey]
    const { stdout: printed } = await promisify(execFile)('java', ['-cp', jars, SAMPLE, ...address])
    expect(printed).toContain('Charge has been submitted')
    expect(printed).toMatch(/got webhook callback .*type=charge\.succeeded/)
  }, 60_000)
})
