import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type ScriptedStripe,
  startScriptedStripe,
} from '../../../../test/integration/passthrough/scripted-stripe.ts'
import { systemClock, systemSteadyClock } from '../clock.ts'
import { createReach } from '../outbound/reach.ts'
import { createStripeForwarder } from './http-forwarder.ts'
import { createLiveGateway } from './live-gateway.ts'
import { createStripeConnections, trustedWires } from './stripe-connections.ts'
import { createStripeTime } from './stripe-time.ts'

let stripe: ScriptedStripe
const time = createStripeTime({ clock: systemClock, steady: systemSteadyClock })
const access = () => ({ secretKey: 'sk_test_ofTheDripTests', apiBase: stripe.url, timeoutMs: 300, time })

beforeAll(async () => {
  stripe = await startScriptedStripe()
})
afterAll(() => stripe.close())

/** A byte now and then: something always moves. */
function drip(response: ServerResponse, type = 'application/json') {
  response.writeHead(200, { 'content-type': type })
  const timer = setInterval(() => response.write(' '), 20)
  response.once('close', () => clearInterval(timer))
}

test.each([
  ['an answer', (response: ServerResponse) => drip(response)],
  [
    'a head',
    (response: ServerResponse) => {
      const { socket } = response
      socket?.write('HTTP/1.1 200 OK\r\nX: ')
      const timer = setInterval(() => socket?.write('x'), 20)
      socket?.once('close', () => clearInterval(timer))
    },
  ],
])('%s that drips ends with the time of the call, for writing and for reading', async (_name, script) => {
  stripe.play((request, response) => {
    request.resume()
    script(response)
  })
  const gateway = createLiveGateway(access())
  await expect(
    gateway.createPaymentIntent({ amount: 1, currency: 'usd' }, { idempotencyKey: 'key-1' }),
  ).rejects.toMatchObject({ code: 'stripe_timeout' })
  await expect(gateway.retrievePaymentIntent('pi_1')).rejects.toMatchObject({ code: 'stripe_timeout' })
})

const call = {
  method: 'POST',
  path: '/v1/customers',
  headers: {},
  isRepeatable: true,
  signal: new AbortController().signal,
}

test('a call that passes as it is ends as well, at its head and in the middle of JSON', async () => {
  const forwarder = createStripeForwarder({ ...access(), wires: trustedWires() })
  stripe.play(() => {})
  expect(await forwarder.forward({ ...call, body: Buffer.from('a=b') })).toMatchObject({
    outcome: 'unknown',
    error: { code: 'stripe_timeout' },
  })
  stripe.play((_request, response) => drip(response))
  const answered = await forwarder.forward({ ...call, body: Buffer.from('a=b') })
  if (answered.outcome !== 'answered') throw new Error('no answer')
  await expect(answered.answer.body.toArray()).rejects.toThrow()
})

test('a file may take longer, as long as it moves', async () => {
  const forwarder = createStripeForwarder({ ...access(), wires: trustedWires() })
  stripe.play((_request, response) => {
    drip(response, 'application/pdf')
    // Past the time of a call, at its own pace.
    let beats = 0
    const timer = setInterval(() => {
      if (++beats < 20) return
      clearInterval(timer)
      response.end('the end')
    }, 20)
  })
  const answered = await forwarder.forward({ ...call, method: 'GET', body: null })
  if (answered.outcome !== 'answered') throw new Error('no answer')
  expect(Buffer.concat(await answered.answer.body.toArray()).toString()).toContain('the end')
  // And so may one that is sent, which the call waits for.
  stripe.play((request, response) => {
    request.resume().on('end', () => response.end('{}'))
  })
  async function* slowly() {
    for (let piece = 0; piece < 20; piece++) {
      yield Buffer.alloc(10)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  expect(await forwarder.forward({ ...call, body: Readable.from(slowly()) })).toMatchObject({
    outcome: 'answered',
  })
})

test('letting go ends what is under way, at once', async () => {
  const connections = createStripeConnections({
    trusted: [stripe.url],
    reachFor: createReach({ OUTBOUND_ADDRESSES: 'public', stripe: null }),
  })
  const wires = connections.wiresFor(access())
  stripe.play(() => {})
  const gateway = createLiveGateway({ ...access(), timeoutMs: 60_000, wires })
  const forwarder = createStripeForwarder({ ...access(), timeoutMs: 60_000, wires })
  const answers = Promise.all([
    gateway.createRefund({ charge: 'ch_1' }, { idempotencyKey: 'key-2' }).catch((error: unknown) => error),
    forwarder.forward({ ...call, body: Buffer.from('a=b') }),
  ])
  while (stripe.requests.length < 2) await new Promise((resolve) => setImmediate(resolve))
  connections.close()
  expect(await answers).toMatchObject([{ code: 'stripe_unreachable' }, { outcome: 'unknown' }])
})

test('an address that somebody named at an activation is called only where it may be', async () => {
  stripe.play(() => {})
  const connections = createStripeConnections({
    trusted: [null],
    reachFor: createReach({ OUTBOUND_ADDRESSES: 'public', stripe: null }),
  })
  const wires = connections.wiresFor(access())
  const gateway = createLiveGateway({ ...access(), wires })
  const refund = gateway.createRefund({ charge: 'ch_1' }, { idempotencyKey: 'key-3' })
  await expect(refund).rejects.toMatchObject({ code: 'stripe_unreachable' })
  expect(await createStripeForwarder({ ...access(), wires }).forward({ ...call, body: null })).toMatchObject({
    outcome: 'not_sent',
  })
  expect(stripe.requests).toEqual([])
})
