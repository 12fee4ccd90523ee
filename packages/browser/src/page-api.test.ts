/** Requests of the page: what goes out, and how each way to fail is told. */
import { describe, expect, test } from 'vitest'
import { createPageApi, type PageRequest } from './page-api.ts'

/** @param answer what the server says; a thrown thing is a connection that breaks */
function api(answer: () => Response | Promise<Response>) {
  const sent: { url: string; init: RequestInit }[] = []
  const page = createPageApi({
    url: 'http://pay.test',
    clientKey: 'ck_1',
    fetch: async (url, init) => {
      sent.push({ url: String(url), init: init ?? {} })
      return answer()
    },
  })
  const ask = (options?: PageRequest) =>
    page.request('POST', '/v1/x', options).catch((error: unknown) => ({ thrown: error }))
  return { sent, ask }
}

describe('what goes out', () => {
  test('the key, the body as JSON, and the idempotency key', async () => {
    const { sent, ask } = api(() => Response.json({ ok: true }))
    expect(await ask({ body: { a: 1 }, idempotencyKey: 'k', headers: { 'X-More': '1' } })).toEqual({
      ok: true,
    })
    expect(sent).toMatchObject([
      {
        url: 'http://pay.test/v1/x',
        init: {
          method: 'POST',
          body: '{"a":1}',
          headers: {
            Authorization: 'Bearer ck_1',
            'Content-Type': 'application/json',
            'Idempotency-Key': 'k',
            'X-More': '1',
          },
        },
      },
    ])
  })

  test('no body is no content type, and an empty answer is undefined', async () => {
    const { sent, ask } = api(() => new Response(null, { status: 204 }))
    expect(await ask()).toBeUndefined()
    expect(sent[0]?.init.headers).toEqual({ Authorization: 'Bearer ck_1' })
  })
})

describe('how it fails', () => {
  test('in the server’s words', async () => {
    const error = {
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'lost_card',
      message: 'Your card was declined.',
      param: 'token',
      request_id: 'req_1',
    }
    const { ask } = api(() => Response.json({ error }, { status: 402, headers: { 'Retry-After': '7' } }))
    expect(await ask()).toMatchObject({
      thrown: {
        name: 'TollbridgeError',
        type: 'card_error',
        code: 'card_declined',
        declineCode: 'lost_card',
        message: 'Your card was declined.',
        param: 'token',
        requestId: 'req_1',
        retryAfter: 7,
        status: 402,
      },
    })
  })

  test('an answer that is no JSON, such as a proxy’s page, whatever its status', async () => {
    for (const status of [200, 504]) {
      const { ask } = api(() => new Response('<h1>Oops</h1>', { status, headers: { 'Request-Id': 'req_2' } }))
      expect(await ask()).toMatchObject({
        thrown: { type: 'api_error', code: 'answer_unreadable', status, requestId: 'req_2' },
      })
    }
  })

  test('a connection that breaks, with its cause', async () => {
    const cause = new TypeError('Failed to fetch')
    const { ask } = api(() => Promise.reject(cause))
    expect(await ask()).toMatchObject({
      thrown: { type: 'api_connection_error', code: 'server_unreachable', status: 0, cause },
    })
  })

  test('what the caller took back is what he took it back with', async () => {
    const { ask } = api(() => Promise.reject(new Error('aborted')))
    const signal = AbortSignal.abort('enough')
    expect(await ask({ signal })).toEqual({ thrown: 'enough' })
  })

  test('by a server that took too long, as by one that is not there', async () => {
    const { ask } = api(() => Promise.reject(new Error('aborted')))
    const signal = AbortSignal.abort(new DOMException('timed out', 'TimeoutError'))
    expect(await ask({ signal })).toMatchObject({ thrown: { code: 'server_unreachable' } })
  })
})
