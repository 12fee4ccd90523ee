/** Notices that no delivery has a good signature any more: a secret that was rolled, a proxy that changes bodies. */
import type { Alarms } from '../alarms/alarms.ts'
import type { SteadyClock } from '../clock.ts'

export interface SignatureWatch {
  /** @param reason a sentence for whoever set up the endpoint */
  refused(appId: string, reason: string): void
  accepted(appId: string): void
}

export interface SignatureWatchDeps {
  readonly alarms: Alarms
  readonly steady: SteadyClock
}

/** A deployment with a mistyped secret shows within a minute; a stranger's single try does not. */
const MOST_IN_A_ROW = 5
/** While it goes on, it is counted once more so often, whatever number of deliveries comes. */
const REPEAT_MS = 60_000

interface Row {
  inARow: number
  since: number
  raisedAt: number | null
}

export function createSignatureWatch({ alarms, steady }: SignatureWatchDeps): SignatureWatch {
  const rows = new Map<string, Row>()
  /** Whose alarm of an earlier run of the server has been looked for. */
  const settled = new Set<string>()
  const keyOf = (appId: string) => ({ appId, kind: 'signatures_refused', subject: appId }) as const

  return {
    refused(appId, reason) {
      const now = steady.elapsed()
      const row = rows.get(appId) ?? { inARow: 0, since: now, raisedAt: null }
      rows.set(appId, row)
      row.inARow += 1
      if (row.inARow < MOST_IN_A_ROW) return
      if (row.raisedAt !== null && now - row.raisedAt < REPEAT_MS) return
      row.raisedAt = now
      const seconds = Math.max(1, Math.round((now - row.since) / 1000))
      const message = `${row.inARow} deliveries in a row were refused in ${seconds} s. The last: ${reason}`
      void alarms.raise({ ...keyOf(appId), message })
    },
    accepted(appId) {
      if (!rows.delete(appId) && settled.has(appId)) return
      settled.add(appId)
      void alarms.clear(keyOf(appId))
    },
  }
}
