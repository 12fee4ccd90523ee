/** Notices orders that are paid and that nobody has delivered, in apps that say so when they deliver. */
import type { Alarms } from '../alarms/alarms.ts'
import type { Clock } from '../clock.ts'
import type { PaymentStore } from '../store/payment-store.ts'

export interface UnfulfilledWatchDeps {
  readonly payments: Pick<PaymentStore, 'unfulfilled' | 'firstFulfilledAt'>
  readonly alarms: Alarms
  /** The payments about which such an alarm of the app stands. */
  standing(appId: string): Promise<readonly string[]>
  readonly clock: Clock
  /** How long a paid order may wait. */
  readonly waitMs: number
}

/** Of the oldest, so many at a time: a delivery that stands still is one fault, not a thousand alarms. */
const MOST_ALARMS = 20

/** Rejects when the store does. */
export async function watchUnfulfilled(appId: string, deps: UnfulfilledWatchDeps): Promise<void> {
  const { payments, alarms, clock, waitMs } = deps
  const alarmOf = (subject: string) => ({ appId, kind: 'paid_not_fulfilled', subject }) as const
  const standing = new Set(await deps.standing(appId))
  const since = await payments.firstFulfilledAt(appId)
  // What was paid before the app began to tell is not known to be owed.
  const found =
    since === null
      ? []
      : await payments.unfulfilled({
          appId,
          after: { created: Math.floor(since / 1000), id: 'ch_' },
          limit: MOST_ALARMS,
        })
  const now = clock.now()
  const late = found.filter(({ updated }) => now - updated * 1000 >= waitMs)
  for (const { id, orderId, amountReceived, currency, updated } of late) {
    if (standing.delete(id)) continue
    const what = orderId === null ? `Payment ${id}` : `Order ${orderId} (${id})`
    const minutes = Math.round((now - updated * 1000) / 60_000)
    const message = `${what} is paid (${amountReceived} ${currency}) and not fulfilled for ${minutes} min.`
    await alarms.raise({ ...alarmOf(id), message })
  }
  for (const id of standing) await alarms.clear(alarmOf(id))
}
