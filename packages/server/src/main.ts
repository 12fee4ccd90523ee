#!/usr/bin/env node
/** The process: reads the configuration, starts, says where everything is, and stops cleanly. */
import { randomBytes } from 'node:crypto'
import { relative } from 'node:path'
import { ConfigError, readConfig } from './config.ts'
import { createLog } from './log.ts'
import { connectionFile } from './start/connection-file.ts'
import { firstSteps, realStripeSummary } from './start/first-steps.ts'
import { StartError } from './start/start-error.ts'
import { type RunningServer, startServer } from './start/start-server.ts'

async function main(): Promise<void> {
  const config = readConfig(process.env)
  // Standard output is for the person at the terminal; the log goes to standard error.
  const server = await startServer(config, createLog(config.LOG_LEVEL, process.stderr))
  stopOnSignals(server)
  if (server.connection === null) {
    const { url, appId, clientKey, newServerKey } = server
    const mode = server.mode === 'live' ? 'live' : 'test'
    const publicUrl = config.PUBLIC_URL ?? null
    console.log(realStripeSummary({ url, appId, clientKey, mode, newServerKey, publicUrl }))
    return
  }
  console.log(
    firstSteps({
      connection: server.connection,
      connectionFile: relative('.', connectionFile(config.TOLLBRIDGE_DATA_DIR)),
      orderId: `order-${randomBytes(4).toString('hex')}`,
      currency: server.currency,
    }),
  )
}

/** The first signal stops in good order, the second at once. */
function stopOnSignals(server: RunningServer): void {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(130)
      stopping = true
      console.log('\nStopping…')
      server.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error)
          process.exit(1)
        },
      )
    })
  }
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError || error instanceof StartError) console.error(`\n${error.message}`)
  else console.error(error)
  process.exitCode = 1
})
