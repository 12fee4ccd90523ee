/** Is the store whole and writable, can its secrets be opened, and is anything stuck in it. */
import type { AppRegistry } from '../../apps/app-registry.ts'
import { ServiceError } from '../../errors.ts'
import type { SecretValues } from '../../secrets/secret-value.ts'
import type { Backlog, StoreHealth } from '../../store/store-health.ts'
import { type Check, fail, ok, warn } from './check.ts'

export async function checkStore(health: StoreHealth, now: number): Promise<Check> {
  try {
    const missing = await health.missingMigrations()
    if (missing.length > 0) {
      return fail(
        'store',
        `The database lacks ${missing.join(', ')}.`,
        'Start the server once with AUTO_MIGRATE=true.',
      )
    }
    await health.probeWrite(now)
    return ok('store', 'The database takes writes, and its tables are up to date.')
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return fail(
      'store',
      error.message,
      'Look at the disk: free space, permissions of the data folder, another process that holds the file.',
    )
  }
}

export interface SecretsFacts {
  readonly registry: Pick<AppRegistry, 'storedSecrets'>
  readonly values: Pick<SecretValues, 'read'>
  /** The key file where others than its owner can read it; null when all is well. */
  readonly exposedKeyFile: string | null
}

/** Opens every secret of the app, and looks who else could. */
export function checkSecrets(appId: string, { registry, values, exposedKeyFile }: SecretsFacts): Check {
  for (const secret of registry.storedSecrets(appId)) {
    try {
      values.read(secret.value, secret)
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      return fail(
        'secrets',
        error.message,
        'Bring the master key or the referenced value back, or activate the app again with its keys.',
      )
    }
  }
  if (exposedKeyFile !== null) {
    return warn(
      'secrets',
      `Others on this machine can read the key file ${exposedKeyFile}.`,
      `chmod 600 ${exposedKeyFile}, then rotate with tollbridge secrets rotate.`,
    )
  }
  return ok('secrets', 'Every secret of the app can be opened.')
}

const SLOW_MS = 60_000
const STUCK_MS = 15 * 60_000

/** Pure: judges what waits to be handled. */
export function judgeBacklog({ waiting, oldestAt, dead }: Backlog, now: number): Check {
  const age = oldestAt === null ? 0 : now - oldestAt
  if (age >= STUCK_MS) {
    return fail(
      'queue',
      `${waiting} events wait, the oldest for ${minutes(age)}: handling has stopped or always fails.`,
      'See that a server runs on this data folder; GET /v1/events/<evt_…> shows the tries of an event and their errors.',
    )
  }
  if (dead > 0) {
    return warn(
      'queue',
      `${dead} events failed for good and are handled no more.`,
      'GET /v1/events/<evt_…> shows their errors; mend the cause, then handle them again.',
    )
  }
  if (age >= SLOW_MS) {
    return warn(
      'queue',
      `${waiting} events wait, the oldest for ${minutes(age)}.`,
      'Look again in a minute; if it grows, see the log for errors of handling.',
    )
  }
  return ok('queue', waiting === 0 ? 'No event waits.' : `${waiting} events are being handled.`)
}

function minutes(ms: number): string {
  return `${Math.round(ms / 60_000)} min`
}
