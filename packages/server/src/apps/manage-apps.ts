/** What operators do with apps: make them, describe them, switch them off and on. Their keys: manage-keys.ts. */
import type { ChangedBy } from '../access/actor.ts'
import { makeAppId, makeClientKey, makeServerKey, type RandomBytes } from '../access/api-keys.ts'
import type { Scope } from '../access/scopes.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import {
  type AppMode,
  type AppRecord,
  type AppSettings,
  type AppStore,
  type AppWrite,
  undecidedSettings,
} from '../store/app-store.ts'
import type { AuditEntry } from '../store/audit-trail-store.ts'
import type { PassthroughRuleStore } from '../store/passthrough-rule-store.ts'
import type { AppRegistry } from './app-registry.ts'
import { createKeyManager, type KeyManager, newServerKey } from './manage-keys.ts'
import { assertAccountIsFree, assertWritten } from './same-account.ts'

export interface NewApp {
  readonly appId?: string | undefined
  readonly name: string
  readonly mode: Exclude<AppMode, 'sandbox'>
  readonly currency?: string | undefined
  /** Of its first server key. */
  readonly scopes?: readonly Scope[] | undefined
  /** Where it is known already; the app then takes it with its first row. */
  readonly account?: Pick<AppSettings, 'stripeAccountId' | 'publishableKey'> | undefined
}

export interface AppManager extends KeyManager {
  /** @returns the app, and its server key in plain for the only time. Throws `app_exists` or `account_taken`. */
  create(app: NewApp, by: ChangedBy): Promise<{ readonly record: AppRecord; readonly serverKey: string }>
  /** Changes the name and the currency. */
  describe(
    appId: string,
    changes: { readonly name?: string | undefined; readonly currency?: string | null | undefined },
    by: ChangedBy,
  ): Promise<AppRecord>
  /** Its keys and tokens open nothing from then on; its webhooks are still stored. */
  disable(appId: string, by: ChangedBy): Promise<AppRecord>
  /** Throws `account_taken` where another app has taken its Stripe account meanwhile. */
  enable(appId: string, by: ChangedBy): Promise<AppRecord>
}

export interface AppManagerDeps {
  readonly apps: AppStore
  readonly rules: Pick<PassthroughRuleStore, 'get' | 'put'>
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

  async function changed(appId: string, write: Promise<AppWrite>): Promise<AppRecord> {
    assertWritten(appId, await write)
    return current(appId)
  }

  const audit = (by: ChangedBy, appId: string, it: Pick<AuditEntry, 'action' | 'details'>): AuditEntry => ({
    ...by,
    at: clock.now(),
    appId,
    target: appId,
    ...it,
  })

  return {
    ...createKeyManager(deps),

    async create({ appId = makeAppId(random), name, mode, currency, scopes, account }, by) {
      await registry.reload()
      if (registry.records.some((app) => app.appId === appId)) {
        throw new ServiceError('app_exists', {
          message: `There is an app ${appId} on this server already.`,
          param: 'app_id',
        })
      }
      const serverKey = makeServerKey(random)
      const key = newServerKey(serverKey, { name: 'first', scopes }, by, clock)
      const record: AppRecord = {
        ...undecidedSettings,
        ...account,
        appId,
        name,
        mode,
        currency: currency ?? null,
        origin: 'admin',
        clientKeys: [makeClientKey(random)],
        serverKeys: [key],
        createdAt: clock.now(),
      }
      const details = { mode, name, scopes: key.scopes }
      assertWritten(appId, await apps.insert(record, audit(by, appId, { action: 'app.created', details })))
      return { record: await current(appId), serverKey }
    },

    async describe(appId, { name, currency }, by) {
      await current(appId)
      const changes = {
        ...(name === undefined ? {} : { name }),
        ...(currency === undefined ? {} : { currency }),
      }
      const entry = audit(by, appId, { action: 'app.changed', details: changes })
      return changed(appId, apps.update(appId, changes, entry))
    },

    async disable(appId, by) {
      const app = await current(appId)
      if (app.disabledAt !== null) return app
      const entry = audit(by, appId, { action: 'app.disabled', details: {} })
      return changed(appId, apps.update(appId, { disabledAt: clock.now() }, entry))
    },

    async enable(appId, by) {
      const app = await current(appId)
      if (app.disabledAt === null) return app
      assertAccountIsFree(app, registry)
      const entry = audit(by, appId, { action: 'app.enabled', details: {} })
      return changed(appId, apps.update(appId, { disabledAt: null }, entry))
    },
  }
}
