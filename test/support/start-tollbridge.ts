/** Starts the whole product in this process: server, local Stripe and SQLite files in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from '../../packages/sandbox/src/index.ts'
import { readConfig } from '../../packages/server/src/config.ts'
import { type Log, silentLog } from '../../packages/server/src/log.ts'
import { startServer } from '../../packages/server/src/start/start-server.ts'

export interface Tollbridge {
  readonly url: string
  readonly port: number
  readonly appId: string
  readonly clientKey: string
  readonly serverKey: string
  /** Only of the first start in a folder: afterwards nobody can read it. */
  readonly operatorKey: string | null
  readonly sandboxUrl: string
  readonly sandbox: Sandbox
  readonly dataDir: string
  /** null: STRIPE_PROXY_PORT is unset. */
  readonly stripeProxyUrl: string | null
  stop(): Promise<void>
}

export interface StartOptions {
  /** Settings beside the defaults: free ports and a fresh data folder. */
  readonly env?: Readonly<Record<string, string>>
  /** A folder of an earlier run, which then is kept at the end. */
  readonly dataDir?: string
  readonly log?: Log
}

export async function startTollbridge({
  env = {},
  dataDir,
  log = silentLog,
}: StartOptions = {}): Promise<Tollbridge> {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'tollbridge-test-'))
  const config = readConfig({ PORT: '0', SANDBOX_PORT: '0', TOLLBRIDGE_DATA_DIR: folder, ...env })
  const server = await startServer(config, log)
  const { connection, localStripe } = server
  if (connection === null || localStripe === null)
    throw new Error('startTollbridge runs the sandbox mode only')
  return {
    ...connection,
    operatorKey: server.newOperatorKey,
    port: Number(new URL(connection.url).port),
    sandbox: localStripe.sandbox,
    dataDir: folder,
    stripeProxyUrl: server.stripeProxyUrl,
    async stop() {
      await server.stop()
      if (dataDir === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}
