/** The whole product, as it runs against Stripe: SQLite on disk, handling and the log's reader included. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../packages/server/src/config.ts'
import { silentLog } from '../../packages/server/src/log.ts'
import { startServer } from '../../packages/server/src/start/start-server.ts'
import { benchSettings } from '../bench-settings.ts'
import { serveAsChild } from './serve-as-child.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-bench-'))
const server = await startServer(readConfig({ ...benchSettings, TOLLBRIDGE_DATA_DIR: folder }), silentLog)
const stop = async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
}
serveAsChild(server.url, stop, { serverKey: server.newServerKey ?? '' })
