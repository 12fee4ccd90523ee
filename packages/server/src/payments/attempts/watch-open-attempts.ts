/** Notices calls to Stripe whose outcome stays unknown for longer than finding it takes. */
import type { Alarms } from '../../alarms/alarms.ts'
import type { Clock } from '../../clock.ts'
import type { PaymentAttemptStore } from '../../store/payment-attempt-store.ts'

export interface OpenAttemptsWatchDeps {
  readonly attempts: Pick<PaymentAttemptStore, 'openSince'>
  readonly alarms: Alarms
  /** The attempts about which such an alarm stands, with their apps. */
  standing(): Promise<readonly { readonly appId: string; readonly subject: string }[]>
  readonly clock: Clock
}

/** Sent again for ten minutes, then looked for in two looks, two minutes apart. */
const MOST_OPEN_MS = 20 * 60_000
/** Of the oldest, so many at a time: Stripe that cannot be reached is one fault. */
const MOST_ALARMS = 20

/** Rejects when the store does. */
export async function watchOpenAttempts(deps: OpenAttemptsWatchDeps): Promise<void> {
  const now = deps.clock.now()
  const alarmOf = (appId: string, subject: string) =>
    ({ appId, kind: 'attempt_open_too_long', subject }) as const
  const standing = new Map((await deps.standing()).map((it) => [it.subject, it.appId]))
  const open = await deps.attempts.openSince({ createdBefore: now - MOST_OPEN_MS, limit: MOST_ALARMS })
  for (const { appId, id, orderId, call, createdAt, lastError } of open) {
    if (standing.delete(id)) continue
    const minutes = Math.round((now - createdAt) / 60_000)
    const of = orderId === null ? '' : ` of order ${orderId}`
    const error = lastError === null ? '' : ` The last try: ${lastError}`
    const message = `The call "${call.operation}"${of} (${id}) has no outcome after ${minutes} min.${error}`
    await deps.alarms.raise({ ...alarmOf(appId, id), message })
  }
  for (const [subject, appId] of standing) await deps.alarms.clear(alarmOf(appId, subject))
}
