import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { anEvent } from '../event-store-fixture.conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-checkpointer-'))
afterAll(() => rmSync(folder, { recursive: true }))

const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)

test('a command that writes much waits for its log before it ends', async () => {
  const child = spawn(process.execPath, [
    '--conditions=source',
    '--input-type=module',
    '-e',
    `const { openSqliteStore } = await import(${at('./open-sqlite-store.ts')})
     const anEvent = ${JSON.stringify(anEvent())}
     const file = ${JSON.stringify(join(folder, 'tollbridge.db'))}
     const store = await openSqliteStore({ file, autoMigrate: true, clock: { now: () => 1_790_000_000_000 } })
     const payload = JSON.stringify({ text: 'x'.repeat(64 * 1024) })
     for (let number = 0; number < 200; number++) {
       const event = { ...anEvent, eventId: 'evt_' + number, objectId: 'object-' + number, payload }
       await store.events.insertOnce(event, { leaseMs: 1_000 })
     }
     await store.close()
     console.log('closed')`,
  ])
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    said += String(chunk)
  })
  const [code] = await once(child, 'close')
  expect(said).toBe('closed\n')
  expect(code).toBe(0)
})
