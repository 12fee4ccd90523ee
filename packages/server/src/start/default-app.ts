/** The one app of a fresh server: made at the first start, found again at the next. */
import {
  hashServerKey,
  makeAppId,
  makeClientKey,
  makeServerKey,
  type RandomBytes,
} from '../access/api-keys.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { AppMode, AppRecord, AppStore } from '../store/app-store.ts'
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

/**
 * Live, test and sandbox are three apps, so that their events never mix in one data folder. Throws StartError for an
 * app id or a client key that another of them has.
 * @param knownServerKey the key that connection.json remembers (sandbox mode only)
 */
export async function ensureDefaultApp(
  config: Pick<Config, 'APP_ID' | 'CLIENT_KEY'>,
  mode: AppMode,
  knownServerKey: string | null,
  { apps, clock, random }: DefaultAppDeps,
): Promise<DefaultApp> {
  const all = await apps.list()
  const existing = all.find(
    (app) => app.mode === mode && (config.APP_ID === undefined || app.appId === config.APP_ID),
  )
  const others = all.filter((app) => app !== existing)
  refuseTaken(
    'APP_ID',
    mode,
    others.find(({ appId }) => appId === config.APP_ID),
  )
  const isTaken = (key: string) => config.CLIENT_KEY?.includes(key) === true
  refuseTaken(
    'CLIENT_KEY',
    mode,
    others.find(({ clientKeys }) => clientKeys.some(isTaken)),
  )
  if (existing === undefined) {
    const serverKey = makeServerKey(random)
    const record: AppRecord = {
      appId: config.APP_ID ?? makeAppId(random),
      mode,
      clientKeys: config.CLIENT_KEY ?? [makeClientKey(random)],
      serverKeyHashes: [hashServerKey(serverKey)],
      watchSigningKey: random(32),
      createdAt: clock.now(),
    }
    await apps.insert(record)
    return { record, serverKey, serverKeyIsNew: true }
  }
  const record = await withClientKeys(existing, config.CLIENT_KEY, apps)
  if (knownServerKey !== null && record.serverKeyHashes.includes(hashServerKey(knownServerKey))) {
    return { record, serverKey: knownServerKey, serverKeyIsNew: false }
  }
  // A sandbox whose connection.json was lost gets another key; nothing of value hangs on the old one.
  return mode === 'sandbox'
    ? withNewServerKey(record, apps, random)
    : { record, serverKey: null, serverKeyIsNew: false }
}

function refuseTaken(setting: 'APP_ID' | 'CLIENT_KEY', mode: AppMode, owner: AppRecord | undefined): void {
  if (owner === undefined) return
  throw new StartError(
    `${setting} is that of the ${owner.mode} app ${owner.appId} in this data folder, and means one app alone. Give the new one a folder of its own: TOLLBRIDGE_DATA_DIR=.tollbridge-${mode} npm start`,
  )
}

async function withClientKeys(
  record: AppRecord,
  wanted: readonly string[] | undefined,
  apps: AppStore,
): Promise<AppRecord> {
  if (wanted === undefined || wanted.join() === record.clientKeys.join()) return record
  const changed = { ...record, clientKeys: wanted }
  await apps.replaceKeys(record.appId, changed)
  return changed
}

async function withNewServerKey(record: AppRecord, apps: AppStore, random: RandomBytes): Promise<DefaultApp> {
  const serverKey = makeServerKey(random)
  const changed = { ...record, serverKeyHashes: [hashServerKey(serverKey)] }
  await apps.replaceKeys(record.appId, changed)
  return { record: changed, serverKey, serverKeyIsNew: true }
}
