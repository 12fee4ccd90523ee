/** Everything that a server needs but its ports: the rows, the local Stripe, the accounts, and the app on top of them. */
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
import { createStripeForwarder } from '../stripe/http-forwarder.ts'
import { createLiveAccount } from '../stripe/live-account.ts'
import { createLiveGateway } from '../stripe/live-gateway.ts'
import { createStripeConnections } from '../stripe/stripe-connections.ts'
import { createStripeTimes } from '../stripe/stripe-time.ts'
import { assertAccountAlone } from './assert-account-alone.ts'
import { readConnection } from './connection-file.ts'
import { type DefaultApp, ensureDefaultApp } from './default-app.ts'
import { type LocalStripe, startLocalStripe } from './local-stripe.ts'
import { logStoreNews } from './log-store-news.ts'
import { environmentStripe, type Foundation, openFoundation } from './open-foundation.ts'
import { ensureOperatorKey } from './operator-key.ts'
import { inWords, StartError } from './start-error.ts'
import { undoSteps } from './undo-steps.ts'

export interface PreparedServer extends Pick<DefaultApp, 'record' | 'serverKey' | 'serverKeyIsNew'> {
  readonly foundation: Foundation
  readonly registry: AppRegistry
  readonly localStripe: LocalStripe | null
  readonly newOperatorKey: string | null
  readonly app: App
  /** The shops, once there is an address for them. */
  setExamples(shops: ExampleShops | null): void
}

/** @param undo gets each step that is to be undone, in order */
export async function prepareServer(
  config: Config,
  log: Log,
  undo: (() => Promise<void>)[],
): Promise<PreparedServer> {
  const clock = systemClock
  const steady = systemSteadyClock
  const dataDir = config.TOLLBRIDGE_DATA_DIR
  const foundation = await openFoundation(config, {
    clock,
    random: randomBytes,
    env: process.env,
    onFolderLost: () =>
      log.error(
        { folder: config.TOLLBRIDGE_DATA_DIR },
        'The file tollbridge.lock was taken away, and another server may run on the data folder. Stop one of the two.',
      ),
  })
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

  const localStripe = record.mode === 'sandbox' ? await startLocalStripe(config, log) : null
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
  return {
    foundation,
    record,
    serverKey,
    serverKeyIsNew,
    newOperatorKey,
    localStripe,
    registry,
    app,
    setExamples(shops) {
      examples = shops
    },
  }
}

/** Runs `work` with an app that serves nobody, and takes it down again. */
export async function withApp<T>(config: Config, log: Log, work: (app: App) => Promise<T>): Promise<T> {
  const undo: (() => Promise<void>)[] = []
  try {
    const { app } = await prepareServer(config, log, undo)
    return await work(app)
  } catch (error) {
    throw inWords(error)
  } finally {
    await undoSteps(undo)
  }
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
