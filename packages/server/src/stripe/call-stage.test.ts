/** Whether a call has left is told by its connection: what has not is an outcome, and what has may be anything. */
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type ScriptedStripe,
  startScriptedStripe,
} from '../../../../test/integration/passthrough/scripted-stripe.ts'
import { systemClock, systemSteadyClock } from '../clock.ts'
import { createLiveGateway } from './live-gateway.ts'
import { createStripeTime } from './stripe-time.ts'

let stripe: ScriptedStripe
let silent: Server
let untrusted: TlsServer

beforeAll(async () => {
  stripe = await startScriptedStripe()
  silent = createServer((socket) => void socket.on('error', () => undefined))
  // Without a certificate the handshake fails.
  untrusted = createTlsServer()
  await Promise.all([listening(silent), listening(untrusted)])
})
afterAll(async () => {
  await stripe.close()
  silent.close()
  untrusted.close()
})

const listening = (server: Server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function gatewayAt(apiBase: string, timeoutMs = 2_000) {
  const time = createStripeTime({ clock: systemClock, steady: systemSteadyClock })
  return createLiveGateway({ secretKey: 'sk_test_ofTheStages', apiBase, timeoutMs, time })
}

const pay = (apiBase: string, params: object = {}, account: string | null = null, timeoutMs?: number) =>
  gatewayAt(apiBase, timeoutMs).createPaymentIntent(
    { amount: 100, currency: 'usd', ...params },
    { idempotencyKey: 'key-1', account },
  )

describe('never left, so nothing was done:', () => {
  test('a name that no resolver knows', async () => {
    await expect(pay('http://stripe.invalid:12111')).rejects.toMatchObject({
      code: 'stripe_unreachable',
      isUnsent: true,
    })
  })

  test('a port at which nobody listens', async () => {
    await expect(pay('http://127.0.0.1:1')).rejects.toMatchObject({
      code: 'stripe_unreachable',
      isUnsent: true,
    })
  })

  test('a handshake that fails', async () => {
    await expect(pay(`https://127.0.0.1:${portOf(untrusted)}`)).rejects.toMatchObject({
      code: 'stripe_unreachable',
      isUnsent: true,
    })
  })

  test('a handshake that never ends', async () => {
    await expect(pay(`https://127.0.0.1:${portOf(silent)}`, {}, null, 200)).rejects.toMatchObject({
      code: 'stripe_timeout',
      isUnsent: true,
    })
  })

  test('a text that cannot be written into a form, or into a header', async () => {
    const refused = { code: 'stripe_rejected', isUnsent: true }
    await expect(pay(stripe.url, { return_url: 'https://a/\ud800' })).rejects.toMatchObject(refused)
    await expect(pay(stripe.url, {}, 'acct_\n')).rejects.toMatchObject(refused)
  })
})

describe('may have been done:', () => {
  test('a call whose connection stood and then fell silent', async () => {
    await expect(pay(`http://127.0.0.1:${portOf(silent)}`, {}, null, 200)).rejects.toMatchObject({
      code: 'stripe_timeout',
      isUnsent: false,
    })
  })

  test.each([
    ['null', 'null'],
    ['a number', '1'],
    ['a text', '"ok"'],
    ['a list in place of a payment', '{"object":"list","data":[]}'],
    ['another object', '{"object":"refund","id":"re_1"}'],
    ['a page', '<html>sign in</html>'],
    ['nothing', ''],
    ['half of it', '{"object":"payment_intent","id":"pi_'],
  ])('a call that is answered 200 with %s', async (_name, body) => {
    stripe.play((request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    })
    await expect(pay(stripe.url)).rejects.toMatchObject({ code: 'stripe_failed', isUnsent: false })
  })
})

test('the time at Stripe is learned from its answers, and not from those of others', async () => {
  const gateway = gatewayAt(stripe.url)
  const date = new Date(Math.floor(Date.now() / 1000) * 1000 - 7_200_000)
  const answer = (headers: Record<string, string>) =>
    stripe.play((request, response) => {
      request.resume()
      response
        .writeHead(200, { 'content-type': 'application/json', date: date.toUTCString(), ...headers })
        .end('{"object":"list","data":[],"has_more":false}')
    })
  answer({})
  await gateway.listPaymentIntents({})
  expect(gateway.time.now()).toBeNull()
  const mark = gateway.time.mark()
  answer({ 'request-id': 'req_1' })
  await gateway.listPaymentIntents({})
  expect(gateway.time.since(mark)).toBeGreaterThanOrEqual(date.getTime())
  expect(gateway.time.since(gateway.time.mark() + 1)).toBeNull()
  expect(Math.round((gateway.time.skewMs() ?? 0) / 60_000)).toBe(120)
})
