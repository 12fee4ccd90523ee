/** `tollbridge start`: runs the server until it is told to stop. */
import { randomBytes } from 'node:crypto'
import { relative } from 'node:path'
import type { Command } from 'commander'
import { createLog } from '../log.ts'
import { connectionFile } from '../start/connection-file.ts'
import { firstSteps, realStripeSummary } from '../start/first-steps.ts'
import { type RunningServer, startServer } from '../start/start-server.ts'
import type { CommandContext } from './command-context.ts'

export function addStartCommand(program: Command, context: CommandContext): void {
  program
    .command('start', { isDefault: true })
    .description('run the server (the default command)')
    .action(() => start(context))
}

async function start({ config: readSettings, print }: CommandContext): Promise<void> {
  const config = readSettings()
  // Standard output is for the person at the terminal; the log goes to standard error.
  const server = await startServer(config, createLog(config.LOG_LEVEL, process.stderr))
  stopOnSignals(server, { print, timeoutMs: config.STOP_TIMEOUT_SECONDS * 1000 })
  if (server.connection === null) {
    const { url, appId, clientKey, newServerKey, newOperatorKey, scriptTag, stripeProxyUrl } = server
    const mode = server.mode === 'live' ? 'live' : 'test'
    const publicUrl = config.PUBLIC_URL ?? null
    print(
      realStripeSummary({
        url,
        appId,
        clientKey,
        mode,
        newServerKey,
        newOperatorKey,
        stripeProxyUrl,
        publicUrl,
        scriptTag,
      }),
    )
    return
  }
  print(
    firstSteps({
      connection: server.connection,
      connectionFile: relative('.', connectionFile(config.TOLLBRIDGE_DATA_DIR)),
      orderId: `order-${randomBytes(4).toString('hex')}`,
      idempotencyKey: randomBytes(12).toString('hex'),
      asksForWatchToken:
        config.CLIENT_READS === 'pinned' &&
        (config.REQUIRE_WATCH_TOKEN || config.ORDER_IDS_ARE_SECRET === false),
      currency: server.currency,
      newOperatorKey: server.newOperatorKey,
      stripeProxyUrl: server.stripeProxyUrl,
      scriptTag: server.scriptTag,
    }),
  )
}

/** The first signal stops in good order and within the time, the second at once. */
function stopOnSignals(
  server: RunningServer,
  { print, timeoutMs }: Pick<CommandContext, 'print'> & { readonly timeoutMs: number },
): void {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(130)
      stopping = true
      print('\nStopping…')
      // Whatever hangs: what was answered is on disk, and what was open is found at the next start.
      setTimeout(() => process.exit(1), timeoutMs).unref()
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
