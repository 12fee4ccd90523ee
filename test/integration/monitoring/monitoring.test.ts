/** What an operator is told from outside: readiness, metrics, and alarms on every way that they take. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverKeyWith } from '../../support/api-client.ts'
import { eventually } from '../../support/eventually.ts'
import { type SignedInbox, startSignedInbox } from '../inbox/signed-inbox.ts'
import { openSse, type SseReader } from '../realtime/sse-reader.ts'

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`
const TOKEN = 'the-token-of-the-scraper'

interface Notice {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

let receiver: Server
let notices: Notice[]
let inbox: SignedInbox
let stream: SseReader

beforeAll(async () => {
  notices = []
  receiver = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const headers = request.headers as Record<string, string>
    notices.push(new Webhook(SECRET).verify(Buffer.concat(parts).toString(), headers) as Notice)
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  inbox = await startSignedInbox({
    env: {
      ALARM_URL: `http://127.0.0.1:${port}/alarms`,
      ALARM_SECRET: SECRET,
      METRICS_TOKEN: TOKEN,
      DISK_ALARM_MB: '0',
    },
  })
  stream = await openSse(`${inbox.server.url}/v1/stream?channel=alarms`, {
    authorization: `Bearer ${inbox.server.serverKey}`,
  })
})
afterAll(async () => {
  stream.close()
  await inbox.stop()
  receiver.close()
})

const metrics = (headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
  fetch(`${inbox.server.url}/metrics`, { headers })

test('a server that can work is ready, and says what it looked at', async () => {
  const response = await fetch(`${inbox.server.url}/readyz`)
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({
    status: 'ready',
    checks: { store: 'ok', queue: 'ok', clock: 'ok', disk: 'ok' },
    reasons: [],
  })
})

test('the metrics open to their token alone', async () => {
  expect((await metrics({})).status).toBe(403)
  expect((await metrics({ authorization: `Bearer ${inbox.server.serverKey}` })).status).toBe(403)
  expect((await metrics({ authorization: `Bearer ${TOKEN}x` })).status).toBe(403)
  expect((await metrics()).status).toBe(200)
})

test('the metrics tell of requests, refusals, commits, the queue, Stripe and the loop, without a single id', async () => {
  const id = 'evt_metrics'
  await inbox.deliver({
    id,
    object: 'event',
    type: 'charge.succeeded',
    livemode: false,
    data: { object: { id: 'ch_metrics', object: 'charge' } },
  })
  await inbox.api('/v1/payments', { amount: 500, currency: 'usd', order_id: 'order-metrics' })
  await inbox.api('/v1/payments/pi_nowhere')
  const response = await metrics()
  expect(response.headers.get('content-type')).toContain('text/plain')
  const page = await response.text()
  for (const line of [
    /^tollbridge_requests_total\{method="POST",route="\/webhooks\/stripe",status="200"\} [1-9]/m,
    /^tollbridge_request_seconds_count\{route="\/v1\/payments\/:id"\} [1-9]/m,
    /^tollbridge_refusals_total\{code="metrics_refused"\} 3$/m,
    /^tollbridge_refusals_total\{code="resource_missing"\} 1$/m,
    /^tollbridge_commit_seconds_count [1-9]/m,
    /^tollbridge_writes_total [1-9]/m,
    /^tollbridge_events_dead 0$/m,
    /^tollbridge_events_oldest_waiting_seconds [\d.]+$/m,
    /^tollbridge_attempts_open 0$/m,
    /^tollbridge_streams_open 1$/m,
    /^tollbridge_store_wal_bytes [1-9]/m,
    /^tollbridge_disk_free_bytes [1-9]/m,
    /^tollbridge_store_writable 1$/m,
    /^tollbridge_stripe_call_seconds_count\{operation="createPaymentIntent",outcome="ok"\} 1$/m,
    /^tollbridge_stripe_call_seconds_count\{operation="retrievePaymentIntent",outcome="resource_missing"\} 1$/m,
    /^tollbridge_repair_runs_total\{outcome="done"\} [1-9]/m,
    /^nodejs_eventloop_lag_p99_seconds /m,
    /^process_resident_memory_bytes [1-9]/m,
  ]) {
    expect(page).toMatch(line)
  }
  const { appId, clientKey } = inbox.server
  for (const secret of [id, 'pi_nowhere', 'order-metrics', appId, clientKey])
    expect(page).not.toContain(secret)
})

test('an alarm reaches the list, the stream and ALARM_URL, and so does its end', async () => {
  const event = {
    id: 'evt_alarm',
    object: 'event',
    type: 'charge.succeeded',
    livemode: false,
    data: { object: { id: 'ch_1', object: 'charge', amount: 5 } },
  }
  await inbox.deliver(event)
  const forged = structuredClone(event)
  forged.data.object.amount = 6
  expect((await inbox.deliver(forged)).status).toBe(409)

  const raised = await eventually(() => notices.find(({ type }) => type === 'alarm.raised') ?? null)
  expect(raised.data).toMatchObject({
    object: 'alarm',
    kind: 'event_conflict',
    subject: event.id,
    app_id: inbox.server.appId,
    severity: 'critical',
    message: expect.stringContaining('differs from the stored one in amount'),
    meaning: expect.stringContaining('409'),
    action: expect.stringContaining('roll the signing secret'),
  })
  const heard = await eventually(
    () => stream.events().find(({ event: name }) => name === 'alarm.raised') ?? null,
  )
  expect(heard.data).toEqual(raised.data)

  const path = `/v1/alarms/${String(raised.data['id'])}`
  expect((await inbox.api(path)).body).toEqual(raised.data)
  expect((await inbox.api(`${path}/clear`, {})).body).toMatchObject({ error: { code: 'scope_missing' } })
  const { key } = await serverKeyWith(inbox.server, ['admin'])
  expect((await inbox.api(`${path}/clear`, {}, key)).body).toMatchObject({ cleared_by: 'hand' })
  await eventually(() => notices.find(({ type }) => type === 'alarm.cleared') ?? null)
  await eventually(() => stream.events().find(({ event: name }) => name === 'alarm.cleared') ?? null)
  expect((await inbox.api('/v1/alarms')).body['data']).toEqual([])
  expect((await inbox.api('/v1/alarms/alm_none')).status).toBe(404)
})

test('the stream of alarms is for server keys', async () => {
  const response = await fetch(`${inbox.server.url}/v1/stream?channel=alarms`, {
    headers: { authorization: `Bearer ${inbox.server.clientKey}` },
  })
  expect(response.status).toBe(403)
})
