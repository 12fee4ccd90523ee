/** Starts everything in named steps and undoes them in reverse; the command line and the tests both start here. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type App, createApp } from '../app.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { AppMode } from '../store/app-store.ts'
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts'
import { createLiveGateway } from '../stripe/live-gateway.ts'
import { type Connection, readConnection, writeConnection } from './connection-file.ts'
import { ensureDefaultApp } from './default-app.ts'
import { type LocalStripe, startLocalStripe } from './local-stripe.ts'
import { folderError, listenError, storeError } from './start-error.ts'
import { undoSteps } from './undo-steps.ts'

export interface RunningServer {
  readonly mode: AppMode
  readonly url: string
  readonly appId: string
  readonly clientKey: string
  readonly currency: string
  /** What connection.json holds; null against real Stripe. */
  readonly connection: Connection | null
  /** Against real Stripe, at the very first start: the server key, in plain for the only time. */
  readonly newServerKey: string | null
  readonly localStripe: LocalStripe | null
  /** Stops taking requests, finishes what is under way, closes the store. */
  stop(): Promise<void>
}

const SANDBOX_CURRENCY = 'usd'

export async function startServer(config: Config, log: Log): Promise<RunningServer> {
  const undo: (() => Promise<void>)[] = []
  const stop = () => undoSteps(undo)
  try {
    return await start(config, log, undo, stop)
  } catch (error) {
    // What kept it from starting is the news, not what came of that.
    await stop().catch((failure: unknown) => log.error({ err: failure }, 'A part could not be stopped'))
    throw error
  }
}

async function start(
  config: Config,
  log: Log,
  undo: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<RunningServer> {
  const clock = systemClock
  const dataDir = config.TOLLBRIDGE_DATA_DIR
  makeDataFolder(dataDir)

  const store = await openSqliteStore({
    file: join(dataDir, 'tollbridge.db'),
    autoMigrate: config.AUTO_MIGRATE,
    clock,
  }).catch((error: unknown) => {
    throw storeError(error)
  })
  undo.push(() => store.close())

  const mode: AppMode = config.stripe?.mode ?? 'sandbox'
  const remembered = mode === 'sandbox' ? readConnection(dataDir) : null
  const { record, serverKey, serverKeyIsNew } = await ensureDefaultApp(
    config,
    mode,
    remembered?.serverKey ?? null,
    { apps: store.apps, clock, random: randomBytes },
  )

  const localStripe = config.stripe === null ? await startLocalStripe(config, log) : null
  if (localStripe !== null) undo.push(() => localStripe.stop())

  const signingSecrets = [...(config.stripe?.signingSecrets ?? [])]
  const currency = config.CURRENCY ?? SANDBOX_CURRENCY
  const app: App = createApp({
    config,
    apps: [record],
    store,
    stripe: createLiveGateway({
      secretKey: config.stripe?.secretKey ?? localStripe?.secretKey ?? '',
      apiBase: localStripe?.url ?? config.STRIPE_API_BASE ?? null,
      timeoutMs: config.STRIPE_TIMEOUT_SECONDS * 1000,
    }),
    signingSecrets: () => signingSecrets,
    defaultCurrency: currency,
    clock,
    log,
    newId: randomUUID,
  })
  undo.push(() => app.stop())
  const url = await app.listen({ host: config.HOST, port: config.PORT }).catch((error: unknown) => {
    throw listenError(error, config.HOST, config.PORT, 'PORT')
  })

  // The local Stripe learns the address last: a delivery must never find a door that is not open yet.
  if (localStripe !== null) signingSecrets.push(await localStripe.deliverTo(`${url}/webhooks/stripe`))

  const clientKey = record.clientKeys[0] ?? ''
  const connection: Connection | null =
    localStripe === null || serverKey === null
      ? null
      : { url, appId: record.appId, clientKey, serverKey, sandboxUrl: localStripe.url }
  if (connection !== null) writeConnection(dataDir, connection)

  return {
    mode,
    url,
    appId: record.appId,
    clientKey,
    currency,
    connection,
    newServerKey: mode !== 'sandbox' && serverKeyIsNew ? serverKey : null,
    localStripe,
    stop,
  }
}

function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw folderError(error, folder)
  }
}
