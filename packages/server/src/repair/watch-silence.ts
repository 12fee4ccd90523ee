/** Notices that payments move at Stripe while its webhooks no longer reach us. */
import type { Alarms } from '../alarms/alarms.ts'
import type { Clock } from '../clock.ts'
import type { EventStore } from '../store/event-store.ts'

export interface SilenceWatch {
  /** A webhook of this app arrived, be its event new or not. */
  noteDelivery(appId: string): void
  check(appId: string): Promise<void>
}

export interface SilenceWatchDeps {
  readonly events: Pick<EventStore, 'repairedSinceLastWebhook'>
  readonly alarms: Alarms
  readonly clock: Clock
  /** How long payments may move without a webhook. */
  readonly silenceMs: number
}

export function createSilenceWatch({ events, alarms, clock, silenceMs }: SilenceWatchDeps): SilenceWatch {
  const lastDelivery = new Map<string, number>()
  return {
    noteDelivery: (appId) => void lastDelivery.set(appId, clock.now()),
    async check(appId) {
      const now = clock.now()
      const missedAt = await events.repairedSinceLastWebhook(appId)
      // A delivery of an event that repair had stored already leaves no row, and yet it is no silence.
      const isSilent = missedAt !== null && missedAt > (lastDelivery.get(appId) ?? 0)
      const alarm = { appId, kind: 'webhooks_silent', subject: appId } as const
      if (!isSilent) await alarms.clear(alarm)
      else if (now - missedAt >= silenceMs) await alarms.raise({ ...alarm, message: silence(now - missedAt) })
    },
  }
}

function silence(ms: number): string {
  return `Payments move at Stripe, but none of its webhooks has arrived for ${Math.round(ms / 1000)} seconds.`
}
