/** Starts everything in named steps and undoes them in reverse; the command line and the tests both start here. */
import { randomBytes, randomUUID } from 'node:crypto'
import { BY_ITSELF } from '../access/actor.ts'
import { type App, createApp } from '../app.ts'
import type { AppRegistry, StripeAccess } from '../apps/app-registry.ts'
import { createStripePerApp } from '../apps/stripe-per-app.ts'
import { systemClock, systemSteadyClock } from '../clock.ts'
import type { Config } from '../config.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import { createOutbound } from '../outbound/create-outbound.ts'
import { createReach } from '../outbound/reach.ts'
import type { ExampleShops } from '../pages/examples.ts'
import { createPageScripts } from '../pages/page-script.ts'
import { describeScriptTag } from '../pages/script-tag.ts'
import type { AppMode } from '../store/app-store.ts'
import { createStripeForwarder } from '../stripe/http-forwarder.ts'
import { createLiveAccount } from '../stripe/live-account.ts'
import { createLiveGateway } from '../stripe/live-gateway.ts'
import { createStripeConnections } from '../stripe/stripe-connections.ts'
import { createStripeTimes } from '../stripe/stripe-time.ts'
import { assertAccountAlone } from './assert-account-alone.ts'
import { type Connection, readConnection, writeConnection } from './connection-file.ts'
import { ensureDefaultApp } from './default-app.ts'
import { loadExamples } from './load-examples.ts'
import { type LocalStripe, startLocalStripe } from './local-stripe.ts'
import { logStoreNews } from './log-store-news.ts'
import { environmentStripe, openFoundation } from './open-foundation.ts'
import { ensureOperatorKey } from './operator-key.ts'
import { inWords, listenError, StartError } from './start-error.ts'
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
  /** At the very first start: the operator key, in plain for the only time. */
  readonly newOperatorKey: string | null
  readonly localStripe: LocalStripe | null
  /** Where Stripe's API begins at the root; null: STRIPE_PROXY_PORT is unset. */
  readonly stripeProxyUrl: string | null
  /** The ready tag that loads the browser SDK, with its integrity hash; null: it is not built. */
  readonly scriptTag: string | null
  /** Stops taking requests, finishes what is under way, closes the store. */
  stop(): Promise<void>
}

export async function startServer(config: Config, log: Log): Promise<RunningServer> {
  const undo: (() => Promise<void>)[] = []
  const stop = () => undoSteps(undo)
  try {
    return await start(config, log, undo, stop)
  } catch (error) {
    // What kept it from starting is the news, not what came of that.
    await stop().catch((failure: unknown) => log.error({ err: failure }, 'A part could not be stopped'))
    throw inWords(error)
  }
}

async function start(
  config: Config,
  log: Log,
  undo: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<RunningServer> {
  const clock = systemClock
  const steady = systemSteadyClock
  const dataDir = config.TOLLBRIDGE_DATA_DIR
  const foundation = await openFoundation(config, { clock, random: randomBytes, env: process.env })
  const { store } = foundation
  const stopTelling = logStoreNews(store.health, log)
  undo.push(() => foundation.close())
  undo.push(async () => stopTelling())
  await foundation.sealWhatIsPlain()

  const { record, serverKey, serverKeyIsNew } = await ensureDefaultApp(
    config,
    readConnection(dataDir)?.serverKey ?? null,
    { apps: store.apps, clock, random: randomBytes },
  )
  const newOperatorKey = await ensureOperatorKey({ apps: store.apps, clock, random: randomBytes }, BY_ITSELF)

  const mode: AppMode = record.mode
  const localStripe = mode === 'sandbox' ? await startLocalStripe(config, log) : null
  if (localStripe !== null) undo.push(() => localStripe.stop())

  const registry = await foundation.openRegistry({
    defaultAppId: record.appId,
    environment: environmentStripe(config, record, localStripe?.url ?? null),
    log,
  })
  assertSecretsOpen(registry, record.appId)
  const stopFollowing = registry.follow()
  undo.push(async () => stopFollowing())
  let examples: ExampleShops | null = null
  const timeoutMs = config.STRIPE_TIMEOUT_SECONDS * 1000
  const connections = createStripeConnections({
    trusted: [config.STRIPE_API_BASE ?? null, localStripe?.url ?? null],
    reachFor: createReach(config),
  })
  undo.push(async () => connections.close())
  const stripeTimeAt = createStripeTimes({ clock, steady })
  const waysTo = (access: StripeAccess) => ({
    ...access,
    timeoutMs,
    wires: connections.wiresFor(access),
    time: stripeTimeAt(access.apiBase),
  })
  const openAccount = (access: StripeAccess) => createLiveAccount(waysTo(access))
  await assertAccountAlone(record, { registry, apps: store.apps, openAccount, log })
  const app: App = createApp({
    config,
    registry,
    store,
    stripeFor: createStripePerApp(registry, (access) => createLiveGateway(waysTo(access))),
    forwarderFor: createStripePerApp(registry, (access) => createStripeForwarder(waysTo(access))),
    accountFor: createStripePerApp(registry, (access) => createLiveAccount(waysTo(access))),
    openAccount,
    letGoOfStripe: connections.close,
    outbound: createOutbound(config),
    secretValues: foundation.secretValues,
    exposedKeyFile: foundation.exposedKeyFile,
    clock,
    steady,
    log,
    random: randomBytes,
    newId: randomUUID,
    examples: () => examples,
  })
  undo.push(() => app.stop())
  const url = await app.listen({ host: config.HOST, port: config.PORT }).catch((error: unknown) => {
    throw listenError(error, config.HOST, config.PORT, 'PORT')
  })

  const proxyPort = config.STRIPE_PROXY_PORT
  const stripeProxyUrl =
    proxyPort === undefined
      ? null
      : await app.listenForStripe({ host: config.HOST, port: proxyPort }).catch((error: unknown) => {
          throw listenError(error, config.HOST, proxyPort, 'STRIPE_PROXY_PORT')
        })

  // The local Stripe learns the address last: a delivery must never find a door that is not open yet.
  await localStripe?.deliverTo(`${url}/webhooks/stripe`, (secret) =>
    foundation.rememberLocalSigningSecret(registry, record.appId, secret),
  )

  const clientKey = record.clientKeys[0] ?? ''
  const connection: Connection | null =
    localStripe === null || serverKey === null
      ? null
      : { url, appId: record.appId, clientKey, serverKey, sandboxUrl: localStripe.url }
  if (connection !== null) {
    writeConnection(dataDir, connection)
    const loaded = await loadExamples(connection, log)
    if (loaded !== null) undo.push(() => loaded.close())
    examples = loaded
  }

  return {
    mode,
    url,
    appId: record.appId,
    clientKey,
    currency: registry.currencyFor(record.appId),
    connection,
    newOperatorKey,
    newServerKey: mode !== 'sandbox' && serverKeyIsNew ? serverKey : null,
    localStripe,
    stripeProxyUrl,
    scriptTag: scriptTag(config.PUBLIC_URL ?? url, record.appId, clientKey),
    stop,
  }
}

function scriptTag(url: string, appId: string, clientKey: string): string | null {
  const script = createPageScripts()('tollbridge.js')
  return script === null ? null : describeScriptTag({ url, appId, clientKey, script })
}

/** A lost master key is better said at the start than at the first payment. */
function assertSecretsOpen(registry: AppRegistry, appId: string): void {
  try {
    registry.watchSigningKey(appId)
  } catch (error) {
    if (error instanceof ServiceError) {
      throw new StartError(
        `${error.message} If that key is lost for good: tollbridge secrets discard-unreadable, then activate again.`,
        { cause: error },
      )
    }
    throw error
  }
}
