import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { anEvent } from '../event-store-fixture.conformance.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

test('a page of the log ends early where events are large, and the next goes on behind it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollbridge-pages-'))
  const file = join(folder, 'tollbridge.db')
  const clock = { now: () => 0 }
  const writer = await openSqliteStore({ file, autoMigrate: true, clock })
  const payload = JSON.stringify({ text: 'x'.repeat(400_000) })
  for (let n = 0; n < 8; n++) {
    await writer.events.insertOnce(anEvent({ eventId: `evt_${n}`, objectId: `o_${n}`, payload }), {
      leaseMs: 1,
    })
  }
  await writer.close()
  const { events, close } = await openSqliteStore({ file, autoMigrate: true, clock })
  const sizes: number[] = []
  for (let position = 0; ; ) {
    const page = await events.readAfter(position, 200)
    if (page.length === 0) break
    sizes.push(page.length)
    position = page.at(-1)?.position ?? position
  }
  expect(sizes).toEqual([3, 3, 2])
  await close()
  rmSync(folder, { recursive: true })
})
