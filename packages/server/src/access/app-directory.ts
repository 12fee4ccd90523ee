/** Who may ask for what: finds the app, and turns a shown key into a Principal. */
import type { AppMode } from '../store/app-store.ts'
import { hashServerKey, SERVER_KEY_PREFIX } from './api-keys.ts'
import type { AppId, Principal } from './principal.ts'

/** One tenant as the running process knows it. */
export interface App {
  readonly appId: AppId
  readonly mode: AppMode
  readonly clientKeys: readonly string[]
  readonly serverKeyHashes: readonly string[]
}

export interface AppDirectory {
  /** The app that requests without an app id mean (`/api/…`, `/v1/…` with a key of no app). */
  readonly defaultApp: App
  readonly all: readonly App[]
  find(appId: AppId): App | null
  /** @returns the client or server that the key belongs to, within one app; null for a foreign key. */
  identify(app: App, key: string): Principal | null
  /** Finds the app by the key alone, as `Authorization: Bearer <key>` needs it. */
  identifyAnywhere(key: string): Principal | null
}

export function createAppDirectory(apps: readonly App[]): AppDirectory {
  const [defaultApp] = apps
  if (defaultApp === undefined) throw new Error('An app directory needs at least one app')
  const byId = new Map(apps.map((app) => [app.appId, app]))
  const byClientKey = new Map(apps.flatMap((app) => app.clientKeys.map((key) => [key, app] as const)))
  const byServerKeyHash = new Map(
    apps.flatMap((app) => app.serverKeyHashes.map((hash) => [hash, app] as const)),
  )

  const identifyAnywhere = (key: string): Principal | null => {
    if (key.startsWith(SERVER_KEY_PREFIX)) {
      const app = byServerKeyHash.get(hashServerKey(key))
      return app === undefined ? null : { role: 'server', appId: app.appId }
    }
    const app = byClientKey.get(key)
    return app === undefined ? null : { role: 'client', appId: app.appId, watch: null }
  }

  return {
    defaultApp,
    all: apps,
    find: (appId) => byId.get(appId) ?? null,
    identify: (app, key) => {
      const principal = identifyAnywhere(key)
      return principal?.appId === app.appId ? principal : null
    },
    identifyAnywhere,
  }
}
