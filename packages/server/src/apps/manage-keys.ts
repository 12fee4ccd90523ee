/** What is done with the keys of an app: made, changed, ended. A server key never outlives the key that made it. */
import type { ChangedBy } from '../access/actor.ts'
import {
  makeClientKey,
  makeServerKey,
  type RandomBytes,
  type ServerKeyId,
  serverKeyId,
} from '../access/api-keys.ts'
import { madeBySelfOrChild } from '../access/key-descent.ts'
import { FIRST_KEY_SCOPES, inOrder, type Scope } from '../access/scopes.ts'
import { type ServerKey, serverKeyOf } from '../access/server-key.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { AppRecord, AppStore, KeyChange } from '../store/app-store.ts'
import type { AuditEntry } from '../store/audit-trail-store.ts'
import type { PassthroughRuleStore } from '../store/passthrough-rule-store.ts'
import type { AppRegistry } from './app-registry.ts'

export interface NewServerKey {
  readonly name?: string | undefined
  /** All but `admin` unless told. */
  readonly scopes?: readonly Scope[] | undefined
}

export interface ServerKeyChange {
  readonly name?: string | undefined
  readonly scopes?: readonly Scope[] | undefined
}

export interface KeyManager {
  /** Puts a fresh client key first; those before stay valid until they are retired. */
  rotateClientKey(appId: string, by: ChangedBy): Promise<AppRecord>
  /** Throws `last_key` for the only one. */
  retireClientKey(appId: string, clientKey: string, by: ChangedBy): Promise<AppRecord>
  /** @returns the new key in plain for the only time; those before stay valid until they are revoked. */
  addServerKey(
    appId: string,
    key: NewServerKey,
    by: ChangedBy,
  ): Promise<{ readonly key: ServerKey; readonly keyId: ServerKeyId; readonly serverKey: string }>
  /** What it loses, the keys that it made lose too. Throws `resource_missing`. */
  changeServerKey(
    appId: string,
    keyId: string,
    change: ServerKeyChange,
    by: ChangedBy,
    /** Asked about the very rows that are changed; throws what refuses it. Absent: everything may be given. */
    assertMayGain?: AssertMayGain,
  ): Promise<ServerKey>
  /** Ends the key and those that it made. Throws `last_key` where none would be left. */
  revokeServerKey(appId: string, keyId: string, by: ChangedBy): Promise<AppRecord>
}

export type AssertMayGain = (
  scopes: readonly Scope[],
  of: { readonly key: ServerKey; readonly keys: readonly ServerKey[] },
) => void

export interface KeyManagerDeps {
  readonly apps: Pick<AppStore, 'changeKeys'>
  readonly rules: Pick<PassthroughRuleStore, 'get' | 'put'>
  readonly registry: Pick<AppRegistry, 'reload' | 'record'>
  /** Client keys that the settings fix (CLIENT_KEY) for the default app; they are changed there. */
  readonly fixedClientKeys: { readonly appId: string } | null
  readonly clock: Clock
  readonly random: RandomBytes
}

export function createKeyManager(deps: KeyManagerDeps): KeyManager {
  const { apps, rules, registry, clock, random } = deps

  async function current(appId: string): Promise<AppRecord> {
    await registry.reload()
    return registry.record(appId)
  }

  async function change(
    appId: string,
    it: KeyChange,
    entry: Pick<AuditEntry, 'action' | 'target' | 'details'> & ChangedBy,
  ): Promise<AppRecord> {
    await apps.changeKeys(appId, it, { ...entry, at: clock.now(), appId })
    return current(appId)
  }

  function assertKeysAreOurs(appId: string): void {
    if (deps.fixedClientKeys?.appId !== appId) return
    throw new ServiceError('managed_by_environment', {
      message: `The client keys of ${appId} are set by CLIENT_KEY: change that setting and restart.`,
    })
  }

  /** Before the key is there, so that it is never good for more than the key that made it. */
  async function inheritRules(appId: string, key: ServerKey, { actor }: ChangedBy, app: AppRecord) {
    if (actor.kind !== 'server_key') return
    const maker = app.serverKeys.find(({ hash }) => serverKeyId(hash) === actor.id)
    const held = maker === undefined ? null : await rules.get(maker.hash)
    if (held !== null) {
      await rules.put({ keyHash: key.hash, appId, rules: held.rules, changedAt: clock.now() })
    }
  }

  return {
    async rotateClientKey(appId, by) {
      assertKeysAreOurs(appId)
      await current(appId)
      const key = makeClientKey(random)
      return change(
        appId,
        { kind: 'add_client_key', key },
        { ...by, action: 'client_key.created', target: key, details: {} },
      )
    },

    async retireClientKey(appId, clientKey, by) {
      assertKeysAreOurs(appId)
      const { clientKeys } = await current(appId)
      if (!clientKeys.includes(clientKey)) throw unknownKey('client key')
      if (clientKeys.length === 1) throw lastKey('client key')
      return change(
        appId,
        { kind: 'remove_client_key', key: clientKey },
        { ...by, action: 'client_key.retired', target: clientKey, details: {} },
      )
    },

    async addServerKey(appId, wanted, by) {
      const app = await current(appId)
      const serverKey = makeServerKey(random)
      const key = newServerKey(serverKey, wanted, by, clock)
      const keyId = serverKeyId(key.hash)
      await inheritRules(appId, key, by, app)
      const details = { name: key.name, scopes: key.scopes }
      await change(
        appId,
        { kind: 'add_server_key', key },
        { ...by, action: 'server_key.created', target: keyId, details },
      )
      return { key, keyId, serverKey }
    },

    async changeServerKey(appId, keyId, { name, scopes }, by, assertMayGain) {
      const { serverKeys } = await current(appId)
      const key = serverKeyNamed(serverKeys, keyId)
      const changed = {
        ...key,
        name: name ?? key.name,
        scopes: scopes === undefined ? key.scopes : inOrder(scopes),
      }
      const lost = key.scopes.filter((scope) => !changed.scopes.includes(scope))
      const gained = changed.scopes.filter((scope) => !key.scopes.includes(scope))
      if (gained.length > 0) assertMayGain?.(gained, { key, keys: serverKeys })
      const self = { hash: key.hash, gained, lost, ...(name === undefined ? {} : { name }) }
      const others = madeBySelfOrChild(serverKeys, key)
        .filter(({ hash }) => hash !== key.hash)
        .map(({ hash }) => ({ hash, gained: [], lost }))
      const details = { name: changed.name, scopes: changed.scopes, scopes_before: key.scopes }
      const app = await change(
        appId,
        { kind: 'change_server_keys', keys: [self, ...others] },
        { ...by, action: 'server_key.changed', target: keyId, details },
      )
      return serverKeyNamed(app.serverKeys, keyId)
    },

    async revokeServerKey(appId, keyId, by) {
      const { serverKeys } = await current(appId)
      const key = serverKeyNamed(serverKeys, keyId)
      const ended = madeBySelfOrChild(serverKeys, key)
      if (ended.length === serverKeys.length) throw lastKey('server key')
      const made = ended.filter(({ hash }) => hash !== key.hash)
      const details = { name: key.name, made_by_it: made.map(({ hash }) => serverKeyId(hash)) }
      return change(
        appId,
        { kind: 'remove_server_keys', hashes: ended.map(({ hash }) => hash) },
        { ...by, action: 'server_key.revoked', target: keyId, details },
      )
    },
  }
}

export function newServerKey(
  key: string,
  { name = '', scopes }: NewServerKey,
  { actor }: ChangedBy,
  clock: Clock,
): ServerKey {
  return serverKeyOf(key, {
    name,
    scopes: inOrder(scopes ?? FIRST_KEY_SCOPES),
    madeBy: actor,
    createdAt: clock.now(),
  })
}

/** Throws `resource_missing`. */
export function serverKeyNamed(keys: readonly ServerKey[], keyId: string): ServerKey {
  const key = keys.find(({ hash }) => serverKeyId(hash) === keyId)
  if (key === undefined) throw unknownKey('server key')
  return key
}

/** What was asked for is not repeated: it may be a key itself. */
function unknownKey(kind: string): ServiceError {
  return new ServiceError('resource_missing', {
    message: `The app has no such ${kind}: its listing shows those that it has (tollbridge apps show).`,
  })
}

function lastKey(kind: string): ServiceError {
  return new ServiceError('last_key', {
    message: `Without this ${kind} the app would have none, and nobody could reach it: make another first, which a ${kind} of the app has not made itself.`,
  })
}
