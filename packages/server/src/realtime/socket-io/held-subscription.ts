/** One living subscription of a Socket.IO client: events out, and its progress kept for a reconnect. */
import { type DeliveryMemory, deliveryKey, type Holder } from '../delivery-memory.ts'
import type { FollowLog } from '../follow-log.ts'
import type { Publication, View } from '../publication.ts'
import { dataJson } from './answers.ts'
import { createDeliveryProgress, type DeliveryProgress } from './delivery-progress.ts'
import type { Outbox } from './outbox.ts'
import type { RequestedSubscription } from './requested-subscription.ts'

export interface HeldSubscription {
  readonly progress: DeliveryProgress
  /** The client gave it up. */
  cancel(): void
  /** The connection is gone: remembers that the client has everything up to `position`. */
  suspend(position: number | null): void
}

export interface HoldSubscriptionDeps {
  readonly follow: FollowLog
  readonly memory: DeliveryMemory
  readonly outbox: Outbox
  readonly appId: string
  readonly view: View
  /** Stable over reconnects; null: the client sent none, so nothing can be continued. */
  readonly clientId: string | null
  /** The store could not be read for this subscription. */
  onFailure(error: unknown): void
}

export function holdSubscription(
  id: string,
  { form, request, identity }: Extract<RequestedSubscription, { kind: 'events' }>,
  deps: HoldSubscriptionDeps,
): HeldSubscription {
  const { follow, memory, outbox, appId, view, clientId, onFailure } = deps
  const holder: Holder = { provenPosition: () => progress.provenPosition }
  const key = clientId === null ? null : deliveryKey(appId, clientId, id, ...identity)
  const stoppedAt = key === null ? null : memory.hold(key, holder)
  const progress = createDeliveryProgress(stoppedAt)

  const json = (publication: Publication) =>
    form === 'message' ? publication.messageJson(view) : publication.rowJson(view)

  const reading = follow(
    {
      appId,
      request,
      deliver(publication) {
        const { position } = publication
        progress.queued(position)
        outbox.send('SUB_RES', dataJson(id, json(publication)), () => progress.flushed(position))
      },
      ready: () => outbox.ready(),
      caughtUp: (position) => progress.caughtUp(position),
      failed: onFailure,
    },
    stoppedAt === null ? { kind: 'recent' } : { kind: 'after', position: stoppedAt },
  )

  return {
    progress,
    cancel() {
      reading.close()
      if (key !== null) memory.forget(key, holder)
    },
    suspend(position) {
      reading.close()
      if (key !== null) memory.release(key, holder, position)
    },
  }
}
