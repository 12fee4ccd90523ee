/** The apps as the running process knows them: their keys, Stripe accounts and secrets, followed as they change. */
import { createHash } from 'node:crypto'
import type { RandomBytes } from '../access/api-keys.ts'
import { type ChangingAppDirectory, createAppDirectory } from '../access/app-directory.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { SecretValues } from '../secrets/secret-value.ts'
import type { AppMode, AppRecord, AppStore } from '../store/app-store.ts'
import type { SecretStore, StoredSecret } from '../store/secret-store.ts'
import { STRIPE_SECRET_KEY, signingSecretId, WATCH_SIGNING_KEY } from './secret-names.ts'

/** How to speak to the Stripe account of an app. */
export interface StripeAccess {
  readonly secretKey: string
  /** An origin; null: Stripe's own. */
  readonly apiBase: string | null
}

/** What the settings of the process say about one app; it wins over what the store says. */
export interface EnvironmentStripe extends StripeAccess {
  readonly appId: string
  readonly publishableKey: string | null
  readonly signingSecrets: readonly string[]
  readonly currency: string | null
}

export interface AppRegistry {
  readonly directory: ChangingAppDirectory
  readonly records: readonly AppRecord[]
  /** Throws `app_unknown`. */
  record(appId: string): AppRecord
  /** Null: the app has no Stripe keys yet. Throws `secret_unavailable`. */
  stripeAccess(appId: string): StripeAccess | null
  /** Whether the app has Stripe keys, be they readable or not. */
  isActivated(appId: string): boolean
  /** Those that count now; none: there is no webhook endpoint. One that cannot be read is logged and left out. */
  signingSecrets(appId: string): readonly string[]
  publishableKey(appId: string): string | null
  /** What its pages are told, none of it secret. Throws `app_unknown`. */
  facts(appId: string): AppFacts
  currencyFor(appId: string): string
  /** 32 bytes that sign the watch tokens of an app. */
  watchSigningKey(appId: string): Uint8Array
  /** Says nothing of that key, and is another one when the key is. */
  signingKeyMark(appId: string): string
  /** Whether the Stripe keys of the app come from the settings of the process. */
  isFromEnvironment(appId: string): boolean
  /** Secrets of the app as they are stored. */
  storedSecrets(appId: string): readonly StoredSecret[]
  /** Reads everything anew; for whoever has just changed something. */
  reload(): Promise<void>
  /** Reloads within a second of a change by anybody, until the returned function is called. */
  follow(): () => void
  /** Calls back after each reading of the apps, until the returned function is called. */
  onReload(listener: () => void): () => void
}

/** An app as its pages see it. */
export interface AppFacts {
  readonly appId: string
  readonly mode: AppMode
  readonly publishableKey: string | null
  readonly currency: string
  /** The origin of its Stripe API; null: Stripe's own. */
  readonly apiBase: string | null
}

export interface AppRegistryDeps {
  readonly store: { readonly apps: AppStore; readonly secrets: SecretStore }
  readonly values: SecretValues
  /** The app that requests without an app id mean; null: the first. */
  readonly defaultAppId: string | null
  readonly environment: EnvironmentStripe | null
  /** For apps that have decided no currency. */
  readonly fallbackCurrency: string
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Pick<Log, 'error'>
}

/** So often that a change by another process is in force well within a second. */
const LOOK_EVERY_MS = 250

export async function openAppRegistry(deps: AppRegistryDeps): Promise<AppRegistry> {
  const { store, values, environment, clock, log } = deps
  const directory = createAppDirectory([])
  let records: readonly AppRecord[] = []
  let secrets: readonly StoredSecret[] = []
  let version = -1
  /** What was opened once stays open while its envelope stands; references are looked up each time. */
  const opened = new Map<string, string>()
  const marks = new Map<string, string>()
  const listeners = new Set<() => void>()

  async function reload(): Promise<void> {
    const seen = await store.apps.version()
    const apps = await store.apps.list()
    await giveWatchKeys(apps)
    secrets = await store.secrets.list()
    records = defaultFirst(apps, deps.defaultAppId)
    version = seen
    opened.clear()
    directory.replace(records)
    marks.clear()
    for (const listener of listeners) listener()
  }

  async function giveWatchKeys(apps: readonly AppRecord[]): Promise<void> {
    const stored = await store.secrets.list()
    const lacking = apps.filter(
      ({ appId }) => !stored.some((it) => it.appId === appId && it.name === WATCH_SIGNING_KEY),
    )
    if (lacking.length === 0) return
    await store.secrets.apply(
      lacking.map(({ appId }) => {
        const place = { appId, name: WATCH_SIGNING_KEY }
        const value = values.store(Buffer.from(deps.random(32)).toString('hex'), place)
        return {
          kind: 'add',
          secret: { ...place, value, note: null, createdAt: clock.now(), validUntil: null },
        }
      }),
    )
  }

  function read(secret: StoredSecret): string {
    const known = opened.get(secret.value)
    if (known !== undefined) return known
    const plain = values.read(secret.value, secret)
    if (!/^(env|file):/.test(secret.value)) opened.set(secret.value, plain)
    return plain
  }

  /** What cannot be read verifies nothing. */
  function markOf(secret: StoredSecret): string {
    try {
      return createHash('sha256').update(read(secret)).digest('hex')
    } catch {
      return ''
    }
  }

  function find(appId: string, name: string): StoredSecret | undefined {
    return secrets.find((it) => it.appId === appId && it.name === name)
  }

  function record(appId: string): AppRecord {
    const app = records.find((it) => it.appId === appId)
    if (app !== undefined) return app
    throw new ServiceError('app_unknown', {
      message: `There is no app ${appId.slice(0, 64)} on this server; list them with \`tollbridge apps list\`.`,
    })
  }

  const ofEnvironment = (appId: string) => (environment?.appId === appId ? environment : null)
  const publishableKey = (appId: string) =>
    ofEnvironment(appId)?.publishableKey ?? record(appId).publishableKey
  const currencyFor = (appId: string) =>
    ofEnvironment(appId)?.currency ?? record(appId).currency ?? deps.fallbackCurrency

  await reload()
  return {
    directory,
    get records() {
      return records
    },
    record,
    stripeAccess(appId) {
      const fixed = ofEnvironment(appId)
      if (fixed !== null) return { secretKey: fixed.secretKey, apiBase: fixed.apiBase }
      const secret = find(appId, STRIPE_SECRET_KEY)
      return secret === undefined ? null : { secretKey: read(secret), apiBase: record(appId).apiBase }
    },
    isActivated: (appId) => ofEnvironment(appId) !== null || find(appId, STRIPE_SECRET_KEY) !== undefined,
    signingSecrets(appId) {
      const now = clock.now()
      const stored = secrets.filter(
        (it) =>
          it.appId === appId &&
          signingSecretId(it.name) !== null &&
          (it.validUntil === null || it.validUntil > now),
      )
      const readable = stored.flatMap((secret) => {
        try {
          return [read(secret)]
        } catch (error) {
          log.error({ err: error, appId, name: secret.name }, 'A signing secret cannot be read')
          return []
        }
      })
      return [...(ofEnvironment(appId)?.signingSecrets ?? []), ...readable]
    },
    publishableKey,
    currencyFor,
    facts: (appId) => ({
      appId,
      mode: record(appId).mode,
      publishableKey: publishableKey(appId),
      currency: currencyFor(appId),
      apiBase: (ofEnvironment(appId) ?? record(appId)).apiBase,
    }),
    watchSigningKey(appId) {
      const secret = find(record(appId).appId, WATCH_SIGNING_KEY)
      if (secret === undefined) throw new Error(`The app ${appId} has no watch signing key`)
      return Buffer.from(read(secret), 'hex')
    },
    signingKeyMark(appId) {
      const known = marks.get(appId)
      if (known !== undefined) return known
      const secret = find(appId, WATCH_SIGNING_KEY)
      const mark = secret === undefined ? '' : markOf(secret)
      marks.set(appId, mark)
      return mark
    },
    isFromEnvironment: (appId) => ofEnvironment(appId) !== null,
    storedSecrets: (appId) => secrets.filter((it) => it.appId === appId),
    reload,
    onReload(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    follow() {
      let isLooking = false
      const look = async () => {
        if (isLooking) return
        isLooking = true
        try {
          if ((await store.apps.version()) !== version) await reload()
        } catch (error) {
          log.error({ err: error }, 'The apps could not be read again; the last state of them stays in force')
        } finally {
          isLooking = false
        }
      }
      const timer = setInterval(() => void look(), LOOK_EVERY_MS)
      timer.unref()
      return () => clearInterval(timer)
    },
  }
}

function defaultFirst(apps: readonly AppRecord[], defaultAppId: string | null): readonly AppRecord[] {
  const isDefault = ({ appId }: AppRecord) => appId === defaultAppId
  return [...apps.filter(isDefault), ...apps.filter((app) => !isDefault(app))]
}
