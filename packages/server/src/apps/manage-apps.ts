/** What operators do with apps: make them, change their keys, switch them off and on. */
import type { ChangedBy } from '../access/actor.ts'
import {
  makeAppId,
  makeClientKey,
  makeServerKey,
  type RandomBytes,
  type ServerKeyId,
  serverKeyId,
} from '../access/api-keys.ts'
import { FIRST_KEY_SCOPES, inOrder, type Scope } from '../access/scopes.ts'
import { type ServerKey, serverKeyOf } from '../access/server-key.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import { type AppMode, type AppRecord, type AppStore, undecidedSettings } from '../store/app-store.ts'
import type { AppRegistry } from './app-registry.ts'

export interface NewServerKey {
  readonly name?: string | undefined
  /** All but `admin` unless told. */
  readonly scopes?: readonly Scope[] | undefined
}

export interface NewApp {
  readonly appId?: string | undefined
  readonly name: string
  readonly mode: Exclude<AppMode, 'sandbox'>
  readonly currency?: string | undefined
  /** Of its first server key. */
  readonly scopes?: readonly Scope[] | undefined
}

export interface AppManager {
  /** @returns the app, and its server key in plain for the only time. Throws `app_exists`. */
  create(app: NewApp, by: ChangedBy): Promise<{ readonly record: AppRecord; readonly serverKey: string }>
  /** Changes the name and the currency. */
  describe(
    appId: string,
    changes: { readonly name?: string | undefined; readonly currency?: string | null | undefined },
  ): Promise<AppRecord>
  /** Its keys open nothing from then on; its webhooks are still stored. */
  disable(appId: string): Promise<AppRecord>
  enable(appId: string): Promise<AppRecord>
  /** Puts a fresh client key first; those before stay valid until they are retired. */
  rotateClientKey(appId: string): Promise<AppRecord>
  /** Throws `last_key` for the only one. */
  retireClientKey(appId: string, clientKey: string): Promise<AppRecord>
  /** @returns the new key in plain for the only time; those before stay valid until they are revoked. */
  addServerKey(
    appId: string,
    key: NewServerKey,
    by: ChangedBy,
  ): Promise<{ readonly key: ServerKey; readonly keyId: ServerKeyId; readonly serverKey: string }>
  /** Throws `last_key` for the only one. */
  revokeServerKey(appId: string, keyId: string): Promise<AppRecord>
}

export interface AppManagerDeps {
  readonly apps: AppStore
  readonly registry: AppRegistry
  /** Client keys that the settings fix (CLIENT_KEY) for the default app; they are changed there. */
  readonly fixedClientKeys: { readonly appId: string } | null
  readonly clock: Clock
  readonly random: RandomBytes
}

export function createAppManager(deps: AppManagerDeps): AppManager {
  const { apps, registry, clock, random } = deps

  /** Reads the rows anew first: another process may have changed them a moment ago. */
  async function current(appId: string): Promise<AppRecord> {
    await registry.reload()
    return registry.record(appId)
  }

  async function changed(appId: string, write: Promise<void>): Promise<AppRecord> {
    await write
    return current(appId)
  }

  function newServerKey(key: string, { name = '', scopes }: NewServerKey, by: ChangedBy): ServerKey {
    return serverKeyOf(key, {
      name,
      scopes: inOrder(scopes ?? FIRST_KEY_SCOPES),
      madeBy: by.actor,
      createdAt: clock.now(),
    })
  }

  function assertKeysAreOurs(appId: string): void {
    if (deps.fixedClientKeys?.appId !== appId) return
    throw new ServiceError('managed_by_environment', {
      message: `The client keys of ${appId} are set by CLIENT_KEY: change that setting and restart.`,
    })
  }

  return {
    async create({ appId = makeAppId(random), name, mode, currency, scopes }, by) {
      await registry.reload()
      if (registry.records.some((app) => app.appId === appId)) {
        throw new ServiceError('app_exists', {
          message: `There is an app ${appId} on this server already.`,
          param: 'app_id',
        })
      }
      const serverKey = makeServerKey(random)
      await apps.insert({
        ...undecidedSettings,
        appId,
        name,
        mode,
        currency: currency ?? null,
        origin: 'admin',
        clientKeys: [makeClientKey(random)],
        serverKeys: [newServerKey(serverKey, { name: 'first', scopes }, by)],
        createdAt: clock.now(),
      })
      return { record: await current(appId), serverKey }
    },

    async describe(appId, { name, currency }) {
      await current(appId)
      return changed(
        appId,
        apps.update(appId, {
          ...(name === undefined ? {} : { name }),
          ...(currency === undefined ? {} : { currency }),
        }),
      )
    },

    async disable(appId) {
      const app = await current(appId)
      if (app.disabledAt !== null) return app
      return changed(appId, apps.update(appId, { disabledAt: clock.now() }))
    },

    async enable(appId) {
      const app = await current(appId)
      return app.disabledAt === null ? app : changed(appId, apps.update(appId, { disabledAt: null }))
    },

    async rotateClientKey(appId) {
      assertKeysAreOurs(appId)
      const app = await current(appId)
      const clientKeys = [makeClientKey(random), ...app.clientKeys]
      return changed(appId, apps.replaceKeys(appId, { ...app, clientKeys }))
    },

    async retireClientKey(appId, clientKey) {
      assertKeysAreOurs(appId)
      const app = await current(appId)
      const clientKeys = app.clientKeys.filter((key) => key !== clientKey)
      if (clientKeys.length === app.clientKeys.length) throw unknownKey('client key', clientKey)
      if (clientKeys.length === 0) throw lastKey('client key')
      return changed(appId, apps.replaceKeys(appId, { ...app, clientKeys }))
    },

    async addServerKey(appId, wanted, by) {
      const app = await current(appId)
      const serverKey = makeServerKey(random)
      const key = newServerKey(serverKey, wanted, by)
      await apps.replaceKeys(appId, { ...app, serverKeys: [...app.serverKeys, key] })
      await registry.reload()
      return { key, keyId: serverKeyId(key.hash), serverKey }
    },

    async revokeServerKey(appId, keyId) {
      const app = await current(appId)
      const serverKeys = app.serverKeys.filter(({ hash }) => serverKeyId(hash) !== keyId)
      if (serverKeys.length === app.serverKeys.length) throw unknownKey('server key', keyId)
      if (serverKeys.length === 0) throw lastKey('server key')
      return changed(appId, apps.replaceKeys(appId, { ...app, serverKeys }))
    },
  }
}

function unknownKey(kind: string, id: string): ServiceError {
  return new ServiceError('resource_missing', { message: `The app has no ${kind} ${id.slice(0, 128)}.` })
}

function lastKey(kind: string): ServiceError {
  return new ServiceError('last_key', {
    message: `This is the only ${kind} of the app, and without one nobody could reach it: make another first.`,
  })
}
