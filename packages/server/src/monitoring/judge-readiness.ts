/** Whether the server should get requests, and why not. Pure. */
import type { Vitals } from './vitals.ts'

export interface ReadinessLimits {
  /** Beyond it every webhook would be refused. */
  readonly toleranceSeconds: number
  /** Below it a disk is as good as full. */
  readonly leastFreeBytes: number
}

export interface Readiness {
  readonly checks: Readonly<Record<'store' | 'queue' | 'clock' | 'disk', 'ok' | 'failing'>>
  /** Sentences; none: ready. */
  readonly reasons: readonly string[]
}

/** The worker looks each second. */
export const MOST_OVERDUE_MS = 60_000
const MEGABYTE = 1024 * 1024

export function judgeReadiness(vitals: Vitals, limits: ReadinessLimits): Readiness {
  const { storeTrouble, overdueMs, skewMs, space } = vitals
  const skewSeconds = Math.round(Math.abs(skewMs ?? 0) / 1000)
  const found = {
    store: storeTrouble,
    queue:
      overdueMs > MOST_OVERDUE_MS
        ? `Events have waited for ${Math.round(overdueMs / 1000)} s to be handled.`
        : null,
    clock:
      skewSeconds > limits.toleranceSeconds
        ? `The clock of this machine is ${skewSeconds} s off, so webhooks are refused.`
        : null,
    disk:
      space !== null && space.diskFree < limits.leastFreeBytes
        ? `Only ${Math.floor(space.diskFree / MEGABYTE)} MB are free on the disk of the database.`
        : null,
  }
  const state = (reason: string | null) => (reason === null ? 'ok' : 'failing')
  return {
    checks: {
      store: state(found.store),
      queue: state(found.queue),
      clock: state(found.clock),
      disk: state(found.disk),
    },
    reasons: Object.values(found).filter((reason) => reason !== null),
  }
}
