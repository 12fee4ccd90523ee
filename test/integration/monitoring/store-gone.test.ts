/** A database that is taken away from under the server is told on every way that needs no database. */
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { createLog } from '../../../packages/server/src/log.ts'
import { eventually } from '../../support/eventually.ts'
import { startTollbridge } from '../../support/start-tollbridge.ts'

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`

test('readiness, the log, ALARM_URL and the list of alarms say so', async () => {
  const kinds: string[] = []
  const receiver = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const notice = new Webhook(SECRET).verify(
      Buffer.concat(parts).toString(),
      request.headers as Record<string, string>,
    ) as { type: string; data: { kind: string } }
    kinds.push(`${notice.type} ${notice.data.kind}`)
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const lines: string[] = []
  const log = createLog('info', {
    write: (line: string) => lines.push(line),
  } as unknown as NodeJS.WritableStream)
  const { port } = receiver.address() as AddressInfo
  const server = await startTollbridge({
    env: { ALARM_URL: `http://127.0.0.1:${port}/`, ALARM_SECRET: SECRET, REPAIR_INTERVAL_SECONDS: '0' },
    log,
  })
  const ready = () => fetch(`${server.url}/readyz`)
  expect((await ready()).status).toBe(200)
  for (const end of ['', '-wal', '-shm']) rmSync(join(server.dataDir, `tollbridge.db${end}`), { force: true })

  await eventually(async () => (await ready()).status === 503, { what: 'not to be ready' })
  expect(await (await ready()).json()).toMatchObject({
    status: 'not_ready',
    checks: { store: 'failing' },
    reasons: ['The database file is gone.'],
  })
  await eventually(() => kinds.includes('alarm.raised store_failing'), { what: 'the notice' })
  expect(lines.some((line) => line.includes('"alarm":"store_failing"'))).toBe(true)
  const listed = await fetch(`${server.url}/v1/alarms`, {
    headers: { authorization: `Bearer ${server.serverKey}` },
  })
  expect(await listed.json()).toMatchObject({ data: [{ kind: 'store_failing', app_id: null }] })
  // What it still wants to write has no place any more; it ends all the same, and the port is free.
  await server.stop()
  await expect(ready()).rejects.toThrow()
  expect(lines.some((line) => line.includes('could not be stopped in good order'))).toBe(true)
  receiver.close()
})
