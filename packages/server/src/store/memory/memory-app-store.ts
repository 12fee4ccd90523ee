/** The apps and their keys in memory. */
import { accountHolder, CLAIMING } from '../account-claims.ts'
import {
  type AppKeys,
  type AppRecord,
  type AppStore,
  type AppWrite,
  type KeyChange,
  withDifference,
} from '../app-store.ts'
import type { AuditEntry } from '../audit-trail-store.ts'
import type { PassthroughRuleStore } from '../passthrough-rule-store.ts'
import type { MemoryAuditTrail } from './memory-audit-trail-store.ts'

export interface MemoryAppStoreDeps {
  /** Counts the changes of apps, keys and secrets. */
  readonly changes: { version: number }
  readonly audit: Pick<MemoryAuditTrail, 'append'>
  readonly rules: Pick<PassthroughRuleStore, 'get'>
}

export function createMemoryAppStore({ changes, audit, rules }: MemoryAppStoreDeps): AppStore {
  const apps = new Map<string, AppRecord>()
  const operatorKeys = new Set<string>()

  function assertKeysAreFree(keys: AppKeys, except: string): void {
    const others = [...apps.values()].filter(({ appId }) => appId !== except)
    const all = ({ clientKeys, serverKeys }: AppKeys) => [
      ...clientKeys,
      ...serverKeys.map(({ hash }) => hash),
    ]
    const taken = new Set(others.flatMap(all))
    const given = all(keys)
    if (new Set(given).size < given.length || given.some((key) => taken.has(key))) {
      throw new Error('A key belongs to one app, once')
    }
  }

  function mustExist(appId: string): AppRecord {
    const app = apps.get(appId)
    if (app === undefined) throw new Error(`There is no app ${appId}`)
    return app
  }

  function changed(entry: AuditEntry | undefined): void {
    changes.version += 1
    audit.append(entry)
  }

  async function withRules(app: AppRecord): Promise<AppRecord> {
    const keys = app.serverKeys.map(async (key) => {
      const held = await rules.get(key.hash)
      return held === null ? key : { ...key, passthroughRules: held.rules }
    })
    return { ...app, serverKeys: await Promise.all(keys) }
  }

  function written(app: AppRecord, claims: boolean, entry: AuditEntry | undefined): AppWrite {
    const by = claims ? accountHolder(app, [...apps.values()]) : null
    if (by !== null) return { outcome: 'account_taken', by }
    apps.set(app.appId, app)
    changed(entry)
    return { outcome: 'written' }
  }

  return {
    list: () => Promise.all([...apps.values()].map(withRules)),
    async insert(record, entry) {
      if (apps.has(record.appId)) throw new Error(`There is an app ${record.appId} already`)
      assertKeysAreFree(record, record.appId)
      return written({ ...record }, true, entry)
    },
    async changeKeys(appId, change, entry) {
      const app = mustExist(appId)
      const keys = changeKeys(app, change)
      assertKeysAreFree(keys, appId)
      apps.set(appId, { ...app, ...keys })
      changed(entry)
    },
    async update(appId, wanted, entry) {
      const app = mustExist(appId)
      const given = Object.entries(wanted).filter(([, value]) => value !== undefined)
      const after = { ...app, ...Object.fromEntries(given) }
      return written(
        after,
        CLAIMING.some((setting) => wanted[setting] !== undefined),
        entry,
      )
    },
    version: async () => changes.version,
    operatorKeyHashes: async () => [...operatorKeys],
    async addOperatorKey(hash, _now, entry) {
      if (operatorKeys.has(hash)) throw new Error('There is this operator key already')
      operatorKeys.add(hash)
      changed(entry)
    },
    async removeOperatorKey(hash, entry) {
      operatorKeys.delete(hash)
      changed(entry)
    },
  }
}

function changeKeys({ clientKeys, serverKeys }: AppKeys, change: KeyChange): AppKeys {
  switch (change.kind) {
    case 'add_client_key':
      return { clientKeys: [change.key, ...clientKeys], serverKeys }
    case 'remove_client_key':
      return { clientKeys: clientKeys.filter((key) => key !== change.key), serverKeys }
    case 'replace_client_keys':
      return { clientKeys: [...change.keys], serverKeys }
    case 'add_server_key':
      return { clientKeys, serverKeys: [...serverKeys, change.key] }
    case 'remove_server_keys':
      return { clientKeys, serverKeys: serverKeys.filter(({ hash }) => !change.hashes.includes(hash)) }
    case 'change_server_keys':
      return {
        clientKeys,
        serverKeys: serverKeys.map((key) => {
          const difference = change.keys.find(({ hash }) => hash === key.hash)
          return difference === undefined ? key : withDifference(key, difference)
        }),
      }
  }
}
