/** The one app of a fresh server: made at the first start, found again at the next. */
import { BY_ITSELF } from '../access/actor.ts'
import {
  hashServerKey,
  makeAppId,
  makeClientKey,
  makeServerKey,
  type RandomBytes,
  serverKeyId,
} from '../access/api-keys.ts'
import { FIRST_KEY_SCOPES } from '../access/scopes.ts'
import { type ServerKey, serverKeyOf } from '../access/server-key.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import { type AppMode, type AppRecord, type AppStore, undecidedSettings } from '../store/app-store.ts'
import { StartError } from './start-error.ts'

export interface DefaultAppDeps {
  readonly apps: AppStore
  readonly clock: Clock
  readonly random: RandomBytes
}

export interface DefaultApp {
  readonly record: AppRecord
  /** In plain only when it was made just now, or `knownServerKey` still fits; afterwards nobody can read it. */
  readonly serverKey: string | null
  readonly serverKeyIsNew: boolean
}

type AppChoice = Pick<Config, 'APP_ID' | 'CLIENT_KEY' | 'stripe'>

/**
 * The app that the settings mean, if it is there. APP_ID may name an app that an operator made and activated: it is
 * then the default, with its own Stripe account and without a sandbox. Throws StartError for settings that clash.
 */
export function findDefaultApp(config: AppChoice, apps: readonly AppRecord[]): AppRecord | null {
  const mode = config.stripe?.mode ?? 'sandbox'
  if (config.APP_ID === undefined) {
    return apps.find((app) => app.origin === 'environment' && app.mode === mode) ?? null
  }
  const named = apps.find((app) => app.appId === config.APP_ID)
  if (named === undefined) return null
  if (named.origin === 'admin') {
    if (config.stripe === null) return named
    throw new StartError(
      `The app ${named.appId} (APP_ID) was activated with Stripe keys of its own: unset STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY and STRIPE_WEBHOOK_SECRET, or choose another APP_ID.`,
    )
  }
  if (named.mode === mode) return named
  throw new StartError(
    `The app ${named.appId} (APP_ID) is a ${named.mode} app, and the Stripe settings ask for ${mode}: an app has one mode for good. Give the new one a folder of its own, TOLLBRIDGE_DATA_DIR=.tollbridge-${mode} npm start, or choose another APP_ID.`,
  )
}

/**
 * Live, test and sandbox are three apps, so that their events never mix in one data folder. Throws StartError for an
 * app id or a client key that another of them has.
 * @param knownServerKey the key that connection.json remembers (sandbox mode only)
 */
export async function ensureDefaultApp(
  config: AppChoice,
  knownServerKey: string | null,
  { apps, clock, random }: DefaultAppDeps,
): Promise<DefaultApp> {
  const all = await apps.list()
  const existing = findDefaultApp(config, all)
  const isTaken = (key: string) => config.CLIENT_KEY?.includes(key) === true
  refuseTaken(
    'CLIENT_KEY',
    config.stripe?.mode ?? 'sandbox',
    all.find((app) => app !== existing && app.clientKeys.some(isTaken)),
  )
  if (existing === null) {
    const serverKey = makeServerKey(random)
    const record: AppRecord = {
      ...undecidedSettings,
      appId: config.APP_ID ?? makeAppId(random),
      mode: config.stripe?.mode ?? 'sandbox',
      origin: 'environment',
      clientKeys: config.CLIENT_KEY ?? [makeClientKey(random)],
      serverKeys: [firstKey(serverKey, clock)],
      createdAt: clock.now(),
    }
    await apps.insert(record, {
      ...BY_ITSELF,
      at: record.createdAt,
      appId: record.appId,
      action: 'app.created',
      target: record.appId,
      details: { mode: record.mode, scopes: FIRST_KEY_SCOPES },
    })
    return { record, serverKey, serverKeyIsNew: true }
  }
  const record = await withClientKeys(existing, config.CLIENT_KEY, { apps, clock })
  if (knownServerKey !== null && holds(record, knownServerKey)) {
    return { record, serverKey: knownServerKey, serverKeyIsNew: false }
  }
  // A sandbox whose connection.json was lost gets another key beside those that an operator has made since.
  return record.mode === 'sandbox'
    ? withNewServerKey(record, { apps, clock, random })
    : { record, serverKey: null, serverKeyIsNew: false }
}

function refuseTaken(setting: 'CLIENT_KEY', mode: AppMode, owner: AppRecord | undefined): void {
  if (owner === undefined) return
  throw new StartError(
    `${setting} is that of the ${owner.mode} app ${owner.appId} in this data folder, and means one app alone. Give the new one a folder of its own: TOLLBRIDGE_DATA_DIR=.tollbridge-${mode} npm start`,
  )
}

async function withClientKeys(
  record: AppRecord,
  wanted: readonly string[] | undefined,
  { apps, clock }: Pick<DefaultAppDeps, 'apps' | 'clock'>,
): Promise<AppRecord> {
  if (wanted === undefined || wanted.join() === record.clientKeys.join()) return record
  const changed = { ...record, clientKeys: wanted }
  await apps.changeKeys(
    record.appId,
    { kind: 'replace_client_keys', keys: wanted },
    {
      ...BY_ITSELF,
      at: clock.now(),
      appId: record.appId,
      action: 'client_keys.replaced',
      target: null,
      details: { setting: 'CLIENT_KEY', client_keys: wanted },
    },
  )
  return changed
}

function holds({ serverKeys }: AppRecord, key: string): boolean {
  const shown = hashServerKey(key)
  return serverKeys.some(({ hash }) => hash === shown)
}

function firstKey(key: string, clock: Clock): ServerKey {
  const facts = { name: 'first', scopes: FIRST_KEY_SCOPES, madeBy: BY_ITSELF.actor }
  return serverKeyOf(key, { ...facts, createdAt: clock.now() })
}

async function withNewServerKey(
  record: AppRecord,
  { apps, clock, random }: DefaultAppDeps,
): Promise<DefaultApp> {
  const serverKey = makeServerKey(random)
  const key = firstKey(serverKey, clock)
  await apps.changeKeys(
    record.appId,
    { kind: 'add_server_key', key },
    {
      ...BY_ITSELF,
      at: clock.now(),
      appId: record.appId,
      action: 'server_key.created',
      target: serverKeyId(key.hash),
      details: { name: key.name, scopes: key.scopes },
    },
  )
  return { record: { ...record, serverKeys: [...record.serverKeys, key] }, serverKey, serverKeyIsNew: true }
}
