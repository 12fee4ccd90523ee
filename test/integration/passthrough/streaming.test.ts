/** Bytes pass as they are, in both directions, none are held back, and nothing but Stripe's API can be reached. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as openRequest } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { answerJson, bodyOf, type ScriptedStripe, startScriptedStripe } from './scripted-stripe.ts'
import { listCalls, type Product, STRIPE_KEY, startPassthrough } from './start-passthrough.ts'

let stripe: ScriptedStripe
let product: Product
beforeAll(async () => {
  stripe = await startScriptedStripe()
  product = await startPassthrough({ stripeUrl: stripe.url })
})
afterAll(async () => {
  await product?.stop()
  await stripe?.close()
})

const auth = () => ({ authorization: `Bearer ${product.serverKey}` })

describe.each(['below /v1/stripe', 'at the root of its own port'])('%s', (where) => {
  const at = (path: string) =>
    where === 'below /v1/stripe' ? `${product.url}/v1/stripe${path}` : product.proxyUrl + path

  test('method, query, body and the headers that Stripe knows arrive; ours and others do not', async () => {
    let body = ''
    stripe.play(async (request, response) => {
      body = (await bodyOf(request)).toString()
      answerJson(response, {})
    })
    await fetch(at('/v2/core/events?limit=3&expand[]=a%2Fb&q=%C3%BC'), {
      method: 'POST',
      headers: {
        ...auth(),
        'content-type': 'application/json',
        'stripe-version': '2026-10-01.preview',
        'stripe-account': 'acct_1',
        'stripe-context': 'wksp_1/acct_2',
        accept: 'application/json',
        cookie: 'a=b',
        'x-forwarded-for': '10.1.2.3',
        'tollbridge-instance': 'one',
      },
      body: '{"name":"ü"}',
    })
    const [seen] = stripe.requests
    expect(seen?.method).toBe('POST')
    expect(seen?.url).toBe('/v2/core/events?limit=3&expand[]=a%2Fb&q=%C3%BC')
    expect(body).toBe('{"name":"ü"}')
    expect(seen?.headers).toMatchObject({
      authorization: `Bearer ${STRIPE_KEY}`,
      'content-type': 'application/json',
      'stripe-version': '2026-10-01.preview',
      'stripe-account': 'acct_1',
      'stripe-context': 'wksp_1/acct_2',
      'idempotency-key': expect.stringMatching(/^tbp_/),
    })
    expect(Object.keys(seen?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/cookie|forwarded|tollbridge/)]),
    )
  })

  test('the answer comes back as it is, but for what belongs to Stripe’s own host', async () => {
    const packed = gzipSync('{"object":"list"}')
    stripe.play((_request, response) => {
      response.writeHead(206, {
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
        'Content-Length': packed.length,
        'Request-Id': 'req_abc',
        'Stripe-Version': '2026-10-01',
        'Stripe-Should-Retry': 'false',
        'Idempotent-Replayed': 'true',
        'Original-Request': 'req_before',
        'Strict-Transport-Security': 'max-age=1',
        'Access-Control-Allow-Origin': '*',
        'Set-Cookie': 'a=b',
      })
      response.end(packed)
    })
    const { status, headers, bytes } = await rawGet(at('/v1/customers'))
    expect(status).toBe(206)
    expect(bytes.equals(packed)).toBe(true)
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': String(packed.length),
      'request-id': 'req_abc',
      'stripe-version': '2026-10-01',
      'stripe-should-retry': 'false',
      'idempotent-replayed': 'true',
      'original-request': 'req_before',
    })
    for (const name of ['strict-transport-security', 'access-control-allow-origin', 'set-cookie']) {
      expect(headers[name]).toBeUndefined()
    }
  })

  test('a large upload is passed on while it arrives', async () => {
    let first: (() => void) | null = null
    const arrived = new Promise<void>((resolve) => {
      first = resolve
    })
    const hash = createHash('sha256')
    stripe.play((request, response) => {
      request.on('data', (chunk: Buffer) => {
        hash.update(chunk)
        first?.()
      })
      request.on('end', () => answerJson(response, { digest: hash.digest('hex') }))
    })
    const content = randomBytes(3_000_000)
    const upload = openRequest(at('/v1/files'), {
      method: 'POST',
      headers: {
        ...auth(),
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': content.length,
      },
    })
    upload.write(content.subarray(0, 100_000))
    // Were the body gathered first, nothing would have arrived yet, and this would never end.
    await arrived
    upload.end(content.subarray(100_000))
    const [response] = (await once(upload, 'response')) as [import('node:http').IncomingMessage]
    const digest = createHash('sha256').update(content).digest('hex')
    expect(JSON.parse((await bodyOf(response)).toString())).toEqual({ digest })
    expect(stripe.requests[0]?.headers['content-length']).toBe(String(content.length))
  })

  test('a large answer is not gathered: who reads slowly slows Stripe down', async () => {
    let written = 0
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const most = 4_000
    stripe.play((_request, response) => {
      const write = () => {
        while (written < most) {
          written += 1
          if (!response.write(chunk)) return void response.once('drain', write)
        }
        response.end()
      }
      write()
    })
    const reader = openRequest(at('/v1/files/file_1/contents'), { headers: auth() })
    reader.end()
    const [response] = (await once(reader, 'response')) as [import('node:http').IncomingMessage]
    response.pause()
    let before = -1
    await eventually(
      async () => {
        const isStill = written === before
        before = written
        await new Promise((resolve) => setTimeout(resolve, 50))
        return isStill
      },
      { what: 'Stripe to stop writing' },
    )
    expect(written).toBeLessThan(most / 2)
    let length = 0
    for await (const part of response) length += (part as Buffer).length
    expect(length).toBe(most * chunk.length)
  })

  test('who goes away ends the call at Stripe', async () => {
    let ended = false
    stripe.play((request, response) => {
      request.resume()
      response.once('close', () => {
        ended = true
      })
    })
    const leaving = new AbortController()
    const call = fetch(at('/v1/customers'), { headers: auth(), signal: leaving.signal }).catch(() => null)
    await eventually(() => stripe.requests.length === 1, { what: 'the call to arrive' })
    leaving.abort()
    await call
    await eventually(() => ended, { what: 'the call to Stripe to end' })
  })

  test('paths cannot leave the API', async () => {
    stripe.play((_request, response) => answerJson(response, {}))
    const { hostname, port } = new URL(at('/'))
    const prefix = new URL(at('/v1/')).pathname.replace(/\/v1\/$/, '')
    const tricks = [
      '/v1/../v3/x',
      '/v1/%2e%2e/v3',
      '/v1/%252e%252e/v3',
      '/v1/customers/..%2f..%2fv3',
      '/v1/customers%2Fcus_1',
      '/v1/customers%5Ccus_1',
      '/v1/customers/./x',
      '/v1/customers/%00',
      '/v1',
      '/v3/customers',
      '/V1/customers',
      '//evil.example/v1/customers',
      '/v1/%zz',
      '@evil.example/v1/customers',
    ]
    for (const trick of tricks) {
      const status = await rawRequestLine(hostname, Number(port), `${prefix}${trick}`)
      expect(status, trick).toBeGreaterThanOrEqual(400)
    }
    const absolute = await rawRequestLine(hostname, Number(port), 'http://evil.example/v1/customers')
    expect(absolute).toBeGreaterThanOrEqual(400)
    expect(stripe.requests.map(({ url }) => url)).toEqual([])
  })

  test('methods that Stripe does not have stay here', async () => {
    stripe.play((_request, response) => answerJson(response, {}))
    for (const method of ['PROPFIND', 'OPTIONS']) {
      await fetch(at('/v1/customers'), { method, headers: auth() })
    }
    expect(stripe.requests).toHaveLength(0)
  })

  test('what Stripe gets is written anew: one form for one path', async () => {
    stripe.play((_request, response) => answerJson(response, {}))
    await rawGet(at('/v1/coupons/50%25OFF/'))
    await rawGet(at('/v1/%63ustomers/a%20b?x=%2F..%2F'))
    expect(stripe.requests.map(({ url }) => url)).toEqual([
      '/v1/coupons/50%25OFF',
      '/v1/customers/a%20b?x=%2F..%2F',
    ])
    const refused = await rawGet(at('/v1/webhook%5Fendpoints'))
    expect(refused.status).toBe(403)
  })
})

test.each(['GET', 'DELETE', 'POST'])(
  'a %s with a body of unknown length is one request at Stripe',
  async (method) => {
    let body = ''
    stripe.play(async (request, response) => {
      body = (await bodyOf(request)).toString()
      answerJson(response, {})
    })
    const hidden = 'POST /v1/webhook_endpoints HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'
    const call = openRequest(`${product.proxyUrl}/v1/customers/cus_1`, {
      method,
      headers: { ...auth(), 'transfer-encoding': 'chunked' },
    })
    call.end(hidden)
    const [response] = (await once(call, 'response')) as [import('node:http').IncomingMessage]
    expect(response.statusCode).toBe(200)
    expect(body).toBe(hidden)
    expect(stripe.requests.map((it) => `${it.method} ${it.url}`)).toEqual([`${method} /v1/customers/cus_1`])
  },
)

test('a head alone of a refusal comes back as it is', async () => {
  stripe.play((_request, response) => {
    response.writeHead(403, { 'content-encoding': 'gzip' })
    response.end()
  })
  const answer = await fetch(`${product.proxyUrl}/v1/customers`, { method: 'HEAD', headers: auth() })
  expect(answer.status).toBe(403)
})

test('the SDK uploads a file, and calls v2', async () => {
  const { hostname, port } = new URL(product.proxyUrl)
  const sdk = new Stripe(product.serverKey, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    telemetry: false,
  })
  let uploaded: Buffer = Buffer.alloc(0)
  stripe.play(async (request, response) => {
    uploaded = await bodyOf(request)
    answerJson(response, { id: 'file_1', object: 'file' })
  })
  const data = randomBytes(200_000)
  const file = await sdk.files.create({
    purpose: 'dispute_evidence',
    file: { data, name: 'receipt.pdf', type: 'application/pdf' },
  })
  expect(file.id).toBe('file_1')
  expect(stripe.requests[0]?.url).toBe('/v1/files')
  expect(stripe.requests[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
  expect(uploaded.includes(data)).toBe(true)

  stripe.play((_request, response) =>
    answerJson(response, { data: [{ id: 'evt_1', object: 'v2.core.event' }] }),
  )
  const events = await sdk.v2.core.events.list({ limit: 2 })
  expect(events.data).toMatchObject([{ id: 'evt_1' }])
  expect(stripe.requests[0]?.url).toBe('/v2/core/events?limit=2')
})

test('a body above the limit is refused before Stripe hears of it', async () => {
  stripe.play((_request, response) => answerJson(response, {}))
  const upload = openRequest(`${product.proxyUrl}/v1/files`, {
    method: 'POST',
    headers: {
      ...auth(),
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': 65 * 1024 * 1024,
    },
  })
  upload.on('error', () => {})
  upload.flushHeaders()
  const [response] = (await once(upload, 'response')) as [import('node:http').IncomingMessage]
  expect(response.statusCode).toBe(413)
  expect(JSON.parse((await bodyOf(response)).toString())).toMatchObject({ error: { code: 'body_too_large' } })
  upload.destroy()
  expect(stripe.requests).toEqual([])
})

test('the secret key is never in an answer, whatever Stripe says of it', async () => {
  stripe.play((_request, response) =>
    answerJson(
      response,
      { error: { message: `Invalid API Key provided: ${STRIPE_KEY.slice(0, 8)}****ests` } },
      401,
    ),
  )
  const rejected = await rawGet(`${product.proxyUrl}/v1/customers`)
  expect(rejected.status).toBe(500)
  expect(JSON.parse(rejected.bytes.toString())).toMatchObject({ error: { code: 'stripe_key_rejected' } })

  const message = `The provided key 'sk_test_****ests' does not have access to account 'acct_1'.`
  for (const pack of [false, true]) {
    stripe.play((_request, response) => {
      const text = JSON.stringify({ error: { message } })
      response.writeHead(403, {
        'content-type': 'application/json',
        ...(pack ? { 'content-encoding': 'gzip' } : {}),
      })
      response.end(pack ? gzipSync(text) : text)
    })
    const denied = await rawGet(`${product.proxyUrl}/v1/customers`)
    expect(denied.status).toBe(403)
    expect(denied.bytes.toString()).toContain('does not have access to account')
    expect(denied.bytes.toString()).not.toContain('sk_test')
  }
})

test('sizes stand in the record of calls', async () => {
  stripe.play(async (request, response) => {
    await bodyOf(request)
    answerJson(response, { ok: true })
  })
  await fetch(`${product.proxyUrl}/v1/products`, { method: 'POST', headers: auth(), body: 'name=x' })
  await eventually(
    async () => (await listCalls(product, '&path=/v1/products'))[0]?.['outcome'] === 'answered',
    { what: 'the end to be noted' },
  )
  expect(await listCalls(product, '&path=/v1/products')).toMatchObject([
    { bytes_sent: 6, bytes_received: 11, status: 200, stripe_request_id: 'req_scripted' },
  ])
})

interface Raw {
  readonly status: number
  readonly headers: import('node:http').IncomingHttpHeaders
  readonly bytes: Buffer
}

/** Without what fetch does to an answer. */
async function rawGet(url: string): Promise<Raw> {
  const request = openRequest(url, { headers: auth() })
  request.end()
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
  return { status: response.statusCode ?? 0, headers: response.headers, bytes: await bodyOf(response) }
}

/** Sends a request line as it stands. @returns the status */
async function rawRequestLine(host: string, port: number, target: string): Promise<number> {
  const socket = connect({ host, port })
  socket.write(
    `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${product.serverKey}\r\nConnection: close\r\n\r\n`,
  )
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(Buffer.concat(chunks).toString())?.[1])
}
