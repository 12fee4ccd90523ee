/** Who may ask for what: finds the app, and turns a shown key into a Principal. */
import { ServiceError } from '../errors.ts'
import type { AppMode } from '../store/app-store.ts'
import { hashServerKey, SERVER_KEY_PREFIX, serverKeyId } from './api-keys.ts'
import { standingKeys } from './key-descent.ts'
import type { AppId, Principal } from './principal.ts'
import type { ServerKey } from './server-key.ts'

/** One tenant as the running process knows it. */
export interface App {
  readonly appId: AppId
  readonly mode: AppMode
  readonly clientKeys: readonly string[]
  readonly serverKeys: readonly Pick<ServerKey, 'hash' | 'scopes' | 'madeBy'>[]
  /** The Stripe account that the app was activated with; absent: not known. */
  readonly stripeAccountId?: string | null
  /** Milliseconds since the epoch; set, its keys open nothing. */
  readonly disabledAt?: number | null
}

export interface AppDirectory {
  /** The app that requests without an app id mean (`/api/…`, `/v1/…` with a key of no app). */
  readonly defaultApp: App
  readonly all: readonly App[]
  find(appId: AppId): App | null
  /** Throws `app_disabled` for an app that an operator has switched off, or that is gone. */
  assertEnabled(appId: AppId): void
  /**
   * @returns the client or server that the key belongs to, within one app; null for a foreign key.
   * Throws `app_disabled` for a key of an app that an operator has switched off.
   */
  identify(app: App, key: string): Principal | null
  /** Finds the app by the key alone, as `Authorization: Bearer <key>` needs it. Throws `app_disabled`. */
  identifyAnywhere(key: string): Principal | null
  /** A server key of the app by its name, with what it is good for now; null: it was revoked. */
  serverKey(appId: AppId, keyId: string): Pick<ServerKey, 'scopes'> | null
}

/** A directory that follows the apps as operators change them. */
export interface ChangingAppDirectory extends AppDirectory {
  /** @param apps the default app first */
  replace(apps: readonly App[]): void
}

interface HeldKey extends Pick<ServerKey, 'hash' | 'scopes'> {
  readonly app: App
}

interface Index {
  readonly apps: readonly App[]
  readonly byId: ReadonlyMap<AppId, App>
  readonly byClientKey: ReadonlyMap<string, App>
  readonly byServerKeyHash: ReadonlyMap<string, HeldKey>
  readonly byServerKeyId: ReadonlyMap<AppId, ReadonlyMap<string, Pick<ServerKey, 'scopes'>>>
}

export function createAppDirectory(apps: readonly App[]): ChangingAppDirectory {
  let index = indexOf(apps)

  const identifyAnywhere = (key: string): Principal | null => {
    if (key.startsWith(SERVER_KEY_PREFIX)) {
      const held = index.byServerKeyHash.get(hashServerKey(key))
      if (held === undefined) return null
      const { appId } = enabled(held.app)
      return { role: 'server', appId, keyId: serverKeyId(held.hash), scopes: held.scopes }
    }
    const app = index.byClientKey.get(key)
    return app === undefined
      ? null
      : { role: 'client', appId: enabled(app).appId, clientKey: key, watch: null }
  }

  return {
    get defaultApp() {
      const [first] = index.apps
      if (first === undefined) throw new Error('There is no app yet')
      return first
    },
    get all() {
      return index.apps
    },
    find: (appId) => index.byId.get(appId) ?? null,
    assertEnabled(appId) {
      const app = index.byId.get(appId)
      enabled(app ?? { appId, mode: 'live', clientKeys: [], serverKeys: [], disabledAt: 0 })
    },
    identify: (app, key) => {
      const principal = identifyAnywhere(key)
      return principal?.appId === app.appId ? principal : null
    },
    identifyAnywhere,
    serverKey: (appId, keyId) => index.byServerKeyId.get(appId)?.get(keyId) ?? null,
    replace(changed) {
      index = indexOf(changed)
    },
  }
}

function indexOf(apps: readonly App[]): Index {
  const standing = apps.map((app) => ({ app, keys: standingKeys(app.serverKeys) }))
  return {
    apps,
    byId: new Map(apps.map((app) => [app.appId, app])),
    byClientKey: new Map(apps.flatMap((app) => app.clientKeys.map((key) => [key, app] as const))),
    byServerKeyHash: new Map(
      standing.flatMap(({ app, keys }) => keys.map((key) => [key.hash, { ...key, app }] as const)),
    ),
    byServerKeyId: new Map(
      standing.map(({ app, keys }) => [app.appId, new Map(keys.map((key) => [serverKeyId(key.hash), key]))]),
    ),
  }
}

function enabled(app: App): App {
  if (app.disabledAt === undefined || app.disabledAt === null) return app
  throw new ServiceError('app_disabled', {
    message: `The app ${app.appId} is disabled: an operator can enable it again (tollbridge apps enable ${app.appId}).`,
  })
}
