/** The example shops under requests that no browser makes. */
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../../packages/server/src/log.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

const lines: string[] = []
let server: Tollbridge
beforeAll(async () => {
  const sink = new PassThrough()
  sink.on('data', (line) => lines.push(String(line)))
  server = await startTollbridge({ log: createLog('error', sink) })
})
afterAll(() => server?.stop())

test.each([
  ['GET', '/examples/modal-checkout/', 'localhost', 200],
  ['GET', '/examples/modal-checkout/', 'a b', 404],
  ['TRACE', '/examples/modal-checkout/', 'localhost', 404],
  ['GET', '/examples/modal-checkout/..%2f..%2fpackage.json', 'localhost', 404],
  ['GET', '/examples/modal-checkout/../../package.json', 'localhost', 404],
  ['GET', '/examples/__proto__/', 'localhost', 404],
])(
  '%s %s for the host "%s" is answered %i, which is no fault of the server',
  async (method, path, host, status) => {
    const socket = connect({ host: '127.0.0.1', port: server.port })
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    const answer = Buffer.concat(chunks).toString()
    expect(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])).toBe(status)
    expect(answer).not.toContain(server.serverKey)
    expect(lines).toEqual([])
  },
)
