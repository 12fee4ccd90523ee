/** What the server and its command line stand on alike: the store, the master key, and the apps with their secrets. */
import type { RandomBytes } from '../access/api-keys.ts'
import { type AppRegistry, type EnvironmentStripe, openAppRegistry } from '../apps/app-registry.ts'
import { signingSecretName } from '../apps/secret-names.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { createClientSecrets } from '../secrets/client-secrets.ts'
import { isReadableByOthers } from '../secrets/key-file.ts'
import { type Keyring, openKeyring } from '../secrets/keyring.ts'
import { resealSecrets } from '../secrets/reseal-secrets.ts'
import { createSealer, type Sealer } from '../secrets/sealer.ts'
import { createSecretValues, type Environment, type SecretValues } from '../secrets/secret-value.ts'
import type { AppRecord } from '../store/app-store.ts'
import { type FolderLock, takeFolderLock } from '../store/sqlite/folder-lock.ts'
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { dataFiles } from './data-files.ts'
import { LOCAL_PUBLISHABLE_KEY, LOCAL_SECRET_KEY } from './local-stripe.ts'
import { openDataFolder } from './open-data-folder.ts'
import { fileError, StartError, storeError } from './start-error.ts'

export interface FoundationOptions {
  readonly clock: Clock
  readonly random: RandomBytes
  /** Where `env:` references lead. */
  readonly env: Environment
  /** true: a server may be running on the same folder. */
  readonly isGuest?: boolean
  /** Told once when another server has taken the folder. */
  onFolderLost?(): void
}

export interface RegistryOptions {
  readonly defaultAppId: string | null
  readonly environment: EnvironmentStripe | null
  readonly log: Log
}

export interface Foundation {
  /** Close the foundation, not the store alone. */
  readonly store: Store
  /** Closes the store, and lets another server have the folder. */
  close(): Promise<void>
  readonly keyring: Keyring
  /** The key file where others than its owner can read it. */
  exposedKeyFile(): string | null
  readonly sealer: Sealer
  readonly secretValues: SecretValues
  /** Seals what an older version stored in plain, and wipes the rest of it from the files. */
  sealWhatIsPlain(): Promise<void>
  openRegistry(options: RegistryOptions): Promise<AppRegistry>
  /** Keeps the signing secret of the local Stripe, so that the command line can check it as well. */
  rememberLocalSigningSecret(registry: AppRegistry, appId: string, secret: string): Promise<void>
}

const FALLBACK_CURRENCY = 'usd'
const LOCAL_SIGNING_SECRET = signingSecretName('ss_local_stripe')

export async function openFoundation(config: Config, options: FoundationOptions): Promise<Foundation> {
  const { clock, random, env } = options
  const dataDir = config.TOLLBRIDGE_DATA_DIR
  openDataFolder(dataDir)
  const files = dataFiles(dataDir)
  const keyFile = config.TOLLBRIDGE_KEY_FILE ?? files.key
  const keyring = openKeys(config, keyFile, random)
  const sealer = createSealer({ keyring, random })
  const secretValues = createSecretValues({ sealer, env })
  const lock = options.isGuest === true ? null : lockFolder(dataDir)
  const store = await openSqliteStore({
    file: files.database,
    autoMigrate: config.AUTO_MIGRATE,
    clock,
    isGuest: options.isGuest ?? false,
    texts: createClientSecrets({ keyring, random }),
  }).catch((error: unknown) => {
    lock?.release()
    throw storeError(error)
  })
  const stopLooking = lock === null ? () => {} : keepLock(lock, options.onFolderLost ?? (() => {}))
  return {
    store,
    async close() {
      await store.close()
      stopLooking()
      lock?.release()
    },
    keyring,
    exposedKeyFile: () => (isReadableByOthers(keyFile) ? keyFile : null),
    sealer,
    secretValues,
    async sealWhatIsPlain() {
      await resealSecrets({ secrets: store.secrets, sealer, keyring, onlyPlain: true })
    },
    openRegistry: ({ defaultAppId, environment, log }) =>
      openAppRegistry({
        store,
        values: secretValues,
        defaultAppId,
        environment,
        fallbackCurrency: FALLBACK_CURRENCY,
        clock,
        random,
        log,
      }),
    async rememberLocalSigningSecret(registry, appId, secret) {
      if (registry.signingSecrets(appId).includes(secret)) return
      const place = { appId, name: LOCAL_SIGNING_SECRET }
      const value = secretValues.store(secret, place)
      await store.secrets.apply([
        { kind: 'put', secret: { ...place, value, note: null, createdAt: clock.now(), validUntil: null } },
      ])
      await registry.reload()
    },
  }
}

/** What the settings decide about the Stripe account of the default app; null: the store decides. */
export function environmentStripe(
  config: Config,
  app: AppRecord,
  localStripeUrl: string | null,
): EnvironmentStripe | null {
  const { stripe, CURRENCY: currency = null } = config
  if (app.mode === 'sandbox') {
    return {
      appId: app.appId,
      secretKey: LOCAL_SECRET_KEY,
      publishableKey: LOCAL_PUBLISHABLE_KEY,
      signingSecrets: [],
      apiBase: localStripeUrl,
      currency,
    }
  }
  if (stripe === null) return null
  const { secretKey, publishableKey, signingSecrets } = stripe
  const apiBase = config.STRIPE_API_BASE ?? null
  return { appId: app.appId, secretKey, publishableKey, signingSecrets, apiBase, currency }
}

/** Throws StartError while another server has it. */
export function lockFolder(dataDir: string): FolderLock {
  const { lock: file } = dataFiles(dataDir)
  const lock = takeFolderLock(file)
  if (lock !== null) return lock
  throw new StartError(
    `Another Tollbridge is running on the data folder ${dataDir}, and a folder is for one. Stop it, or give this one a folder of its own: TOLLBRIDGE_DATA_DIR=.tollbridge-2 npm start`,
  )
}

const LOOK_EVERY_MS = 400

/** @returns how to stop */
function keepLock(lock: FolderLock, onLost: () => void): () => void {
  let isLost = false
  const timer = setInterval(() => {
    const wasLost = isLost
    isLost = lock.look() === 'lost'
    if (isLost && !wasLost) onLost()
  }, LOOK_EVERY_MS).unref()
  return () => clearInterval(timer)
}

function openKeys(config: Config, file: string, random: RandomBytes): Keyring {
  try {
    return openKeyring({ fromEnvironment: config.TOLLBRIDGE_KEY ?? [], file, random })
  } catch (error) {
    const inWords = fileError(error, `The key file ${file}`)
    if (inWords instanceof StartError) throw inWords
    throw new StartError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
