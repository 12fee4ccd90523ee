/** A stop, as operators ask for it: by a signal, beside connections that would hold it up for minutes. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import {
  freePort,
  type ProductProcess,
  startProduct,
  temporaryFolder,
} from '../../support/product-process.ts'
import {
  answerJson,
  type Script,
  type ScriptedStripe,
  startScriptedStripe,
} from '../passthrough/scripted-stripe.ts'

const opened: Socket[] = []
let product: ProductProcess

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
  product.child.kill('SIGKILL')
  await product.exited
})

async function open(port: number, text = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  opened.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  if (text !== '') socket.write(text)
  return socket
}

/** @returns the exit code, and milliseconds from the signal to the end. */
async function stop(): Promise<{ readonly code: number | null; readonly ms: number }> {
  const startedAt = performance.now()
  product.child.kill('SIGTERM')
  const code = await product.exited
  return { code, ms: performance.now() - startedAt }
}

const HALF_HEAD = 'POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nConte'
const HALF_BODY = `POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n${'x'.repeat(1000)}`
const KEPT = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'

describe('in sandbox mode, with both ports', () => {
  const folder = temporaryFolder()
  afterAll(() => folder.remove())

  test('idle connections, half heads and half bodies hold up nothing', async () => {
    const [port, proxyPort, sandboxPort] = [await freePort(), await freePort(), await freePort()]
    product = startProduct({
      PORT: String(port),
      STRIPE_PROXY_PORT: String(proxyPort),
      SANDBOX_PORT: String(sandboxPort),
      TOLLBRIDGE_DATA_DIR: folder.path,
      STOP_TIMEOUT_SECONDS: '30',
    })
    await product.printed('the next start keeps the data')
    for (const each of [port, proxyPort, sandboxPort]) {
      await open(each)
      await open(each, HALF_HEAD)
      await open(each, HALF_BODY)
      const kept = await open(each, KEPT)
      await once(kept, 'data')
    }
    const { code, ms } = await stop()
    expect(code).toBe(0)
    // A third of its deadline, of which it needs a second for the half bodies.
    expect(ms).toBeLessThan(10_000)
  })
})

describe('with a Stripe that hangs', () => {
  const folder = temporaryFolder()
  let scripted: ScriptedStripe
  let settings: Record<string, string>
  let port: number
  let serverKey: string

  beforeAll(async () => {
    scripted = await startScriptedStripe()
    port = await freePort()
    settings = {
      PORT: String(port),
      TOLLBRIDGE_DATA_DIR: folder.path,
      STRIPE_API_BASE: scripted.url,
      STRIPE_SECRET_KEY: 'sk_test_fromTheTests1234',
      STRIPE_PUBLISHABLE_KEY: 'pk_test_fromTheTests1234',
      STRIPE_WEBHOOK_SECRET: 'whsec_fromTheTests1234',
      CURRENCY: 'usd',
      STRIPE_TIMEOUT_SECONDS: '300',
      STOP_TIMEOUT_SECONDS: '2',
    }
  })
  afterAll(async () => {
    await scripted.close()
    folder.remove()
  })

  /** Nothing is there, and whatever would change something stays without an answer. */
  const hanging: Script = (request, response) => {
    if (request.method !== 'POST')
      answerJson(response, { object: 'list', data: [], has_more: false, url: '/' })
  }

  const pay = (orderId: string) =>
    fetch(`http://127.0.0.1:${port}/v1/payments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${serverKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ order_id: orderId, amount: 1999, token: 'tok_visa' }),
    })

  test('it is not waited for beyond the deadline, and the payment stands in a row for the next start', async () => {
    product = startProduct(settings)
    await product.printed('the next start keeps the data')
    serverKey = /tbk_\S+/.exec(product.stdout())?.[0] ?? ''
    scripted.play(hanging)
    const payment = pay('order-hanging').then(
      (answer) => answer.status,
      () => 'cut',
    )
    const hasAsked = () => scripted.requests.some(({ method }) => method === 'POST')
    await eventually(hasAsked, { what: 'the call to Stripe' })
    const { ms } = await stop()
    expect(ms).toBeLessThan(3_500)
    expect([503, 504, 'cut']).toContain(await payment)

    // The next start repeats the very call, under the key that stands in the row.
    const first = scripted.requests.find(({ method }) => method === 'POST')
    scripted.play(hanging)
    product = startProduct(settings)
    await eventually(() => scripted.requests.some(({ method }) => method === 'POST'), {
      what: 'the call of the row',
      timeoutMs: 30_000,
    })
    const again = scripted.requests.find(({ method }) => method === 'POST')
    expect(again?.headers['idempotency-key']).toBe(first?.headers['idempotency-key'])
  })

  test('new requests are refused with words while it ends, and a second signal ends it at once', async () => {
    product = startProduct({ ...settings, STOP_TIMEOUT_SECONDS: '60' })
    await product.printed('the next start keeps the data')
    scripted.play(hanging)
    const payment = pay('order-again').catch(() => 'cut')
    await eventually(() => scripted.requests.some(({ method }) => method === 'POST'), {
      what: 'the call to Stripe',
    })
    product.child.kill('SIGTERM')
    await product.printed('Stopping')
    product.child.kill('SIGTERM')
    expect(await product.exited).toBe(130)
    await payment
  })
})
