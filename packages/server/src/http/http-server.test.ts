import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ServiceError } from '../errors.ts'
import { silentLog } from '../log.ts'
import { createHttpServer } from './http-server.ts'

const servers: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

function server() {
  const fastify = createHttpServer({
    log: silentLog,
    newRequestId: () => 'req_1',
    sockets: {
      ownsPath: (pathname) => pathname === '/app_1' || pathname === '/app_1/',
      handleRequest: ({ url }, response: ServerResponse) => void response.end(`engine ${url}`),
      handleUpgrade: (_request, socket) => void socket.end('upgraded'),
    },
  })
  fastify.get('/:appId/:apiKey/info', async (request) => request.params)
  fastify.get('/fails', async () => {
    throw new Error('secret detail')
  })
  fastify.get('/busy', async () => {
    throw new ServiceError('too_many_requests', { message: 'Slow down.', retryAfterSeconds: 3 })
  })
  servers.push(fastify)
  return fastify
}

/** Sends one request line as it is, which fetch would clean up. */
function raw(port: number, lines: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`${lines}\r\nHost: x\r\nConnection: close\r\n\r\n`),
    )
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('end', () => resolve(text))
    socket.on('error', reject)
  })
}

describe('one port', () => {
  test('the exact path of an app is Engine.IO, everything below it is REST, and double slashes are forgiven', async () => {
    const url = await server().listen({ port: 0, host: '127.0.0.1' })
    expect(await (await fetch(`${url}/app_1/?EIO=4`)).text()).toBe('engine /app_1/?EIO=4')
    expect(await (await fetch(`${url}//app_1//?EIO=4`)).text()).toBe('engine /app_1/?EIO=4')
    expect(await (await fetch(`${url}/app_1/key_1/info`)).json()).toEqual({ appId: 'app_1', apiKey: 'key_1' })
    expect(await (await fetch(`${url}//app_1//key_1/info?x=a//b`)).json()).toMatchObject({ apiKey: 'key_1' })
  })

  test('a selector of the greatest length fits into an address', async () => {
    const url = await server().listen({ port: 0, host: '127.0.0.1' })
    const selector = encodeURIComponent(`id IN ('${'ä'.repeat(9_990)}')`)
    expect((await fetch(`${url}/app_1/key_1/info?selector=${selector}`)).status).toBe(200)
  })

  test('an upgrade is taken at the path of an app and refused elsewhere', async () => {
    const url = new URL(await server().listen({ port: 0, host: '127.0.0.1' }))
    const upgrade = (path: string) =>
      raw(Number(url.port), `GET ${path} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade`)
    expect(await upgrade('/app_1/')).toContain('upgraded')
    expect(await upgrade('/elsewhere')).toContain('404 Not Found')
  })

  test.each(['/app_1/', '/elsewhere'])(
    'an upgrade at %s whose client is gone at once harms nobody',
    async (path) => {
      const fastify = server()
      const url = new URL(await fastify.listen({ port: 0, host: '127.0.0.1' }))
      const faults: unknown[] = []
      const note = (error: unknown) => faults.push(error)
      process.on('uncaughtException', note)
      for (let round = 0; round < 20; round++) {
        const upgraded = once(fastify.server, 'upgrade')
        const client = connect(Number(url.port), '127.0.0.1')
        client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`)
        const [, socket] = await upgraded
        // What the system reports when the other side has reset the connection.
        socket.destroy(new Error('read ECONNRESET'))
        await new Promise<void>((resolve) => socket.once('close', () => resolve()))
        client.destroy()
      }
      process.off('uncaughtException', note)
      expect(faults).toEqual([])
    },
  )
})

test('an offer of another protocol is left aside, and the request answered', async () => {
  const url = new URL(await server().listen({ port: 0, host: '127.0.0.1' }))
  const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__'
  const answer = await raw(Number(url.port), `GET /app_1/key_1/info HTTP/1.1\r\n${offer}`)
  expect(answer).toContain('200 OK')
  expect(answer).toContain('key_1')
})

describe('errors', () => {
  test('a fault of ours shows a request id and no detail', async () => {
    const answer = await server().inject('/fails')
    expect(answer.statusCode).toBe(500)
    expect(answer.json().error).toMatchObject({ type: 'api_error', code: 'internal', request_id: 'req_1' })
    expect(answer.body).not.toContain('secret detail')
  })

  test('a wait is said in Retry-After', async () => {
    const answer = await server().inject('/busy')
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '3'])
  })

  test('an unknown route does not repeat a key that its path may hold', async () => {
    const answer = await server().inject('/app_1/tbc_secret/nothing/here')
    expect(answer.json().error.code).toBe('route_unknown')
    expect(answer.body).not.toContain('tbc_secret')
  })

  test('a path that cannot be read is refused without being repeated', async () => {
    const answer = await server().inject('/app_1/tbk_%zz/info')
    expect(answer.statusCode).toBe(404)
    expect(answer.json().error.code).toBe('route_unknown')
    expect(answer.body).not.toContain('tbk_')
  })

  test('a key of 128 characters fits into a path', async () => {
    const key = 'k'.repeat(128)
    expect((await server().inject(`/app_1/${key}/info`)).json()).toEqual({ appId: 'app_1', apiKey: key })
  })
})
