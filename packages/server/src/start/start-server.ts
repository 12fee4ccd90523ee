/** Starts everything in named steps and undoes them in reverse; the command line and the tests both start here. */
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { createPageScripts } from '../pages/page-script.ts'
import { describeScriptTag } from '../pages/script-tag.ts'
import type { AppMode } from '../store/app-store.ts'
import { type Connection, writeConnection } from './connection-file.ts'
import { loadExamples } from './load-examples.ts'
import type { LocalStripe } from './local-stripe.ts'
import { prepareServer } from './prepare-server.ts'
import { inWords, listenError } from './start-error.ts'
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
  const {
    foundation,
    record,
    serverKey,
    serverKeyIsNew,
    newOperatorKey,
    localStripe,
    registry,
    app,
    setExamples,
  } = await prepareServer(config, log, undo)
  const { mode } = record
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
    writeConnection(config.TOLLBRIDGE_DATA_DIR, connection)
    const loaded = await loadExamples(connection, log)
    if (loaded !== null) undo.push(() => loaded.close())
    setExamples(loaded)
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
