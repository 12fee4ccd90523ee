/** Gives events whose handling was given up back to be handled: one, or all that a selection names, batch by batch. */
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { EventStore, HandlingState } from '../store/event-store.ts'
import { type EventFilter, eventWhere } from './event-where.ts'

export interface ReplayEventsDeps {
  readonly events: Pick<EventStore, 'page' | 'count' | 'replay' | 'findByEventId' | 'handling'>
  readonly clock: Clock
}

/** `failed`: those that wait for their next try, too. */
export type ReplayedState = Extract<HandlingState, 'dead' | 'failed'>

export interface ReplaySelection extends EventFilter {
  readonly state: ReplayedState
  /** At most so many. */
  readonly limit: number
  /** true: only counted. */
  readonly isDryRun: boolean
}

export interface ReplayOutcome {
  /** How many events the selection names. */
  readonly matched: number
  readonly replayed: number
}

export type OneReplay =
  /** It is handled now, by the server that runs or at its next start. */
  | 'replayed'
  /** An event is handled once; what it changed stands. */
  | 'already_handled'
  /** It waits for its first try, or is being handled just now. */
  | 'under_way'

export interface ReplayEvents {
  /** @param eventId Stripe's id. Throws `resource_missing`. */
  one(appId: string, eventId: string): Promise<OneReplay>
  /** @param onProgress told after each batch. Throws `where_clause_invalid` or `column_unknown`. */
  all(
    appId: string,
    selection: ReplaySelection,
    onProgress?: (done: number, total: number) => void,
  ): Promise<ReplayOutcome>
}

/** One commit's worth; between two, others have their turn. */
const BATCH = 100

export function createReplayEvents({ events, clock }: ReplayEventsDeps): ReplayEvents {
  return {
    async one(appId, eventId) {
      const event = await events.findByEventId(appId, eventId)
      if (event === null) {
        throw new ServiceError('resource_missing', {
          message: `There is no event ${eventId.slice(0, 80)} in this app's log.`,
        })
      }
      const givenBack = await events.replay(appId, [event.position], clock.now())
      if (givenBack.length > 0) return 'replayed'
      const handling = await events.handling(event.position)
      return handling?.state === 'handled' ? 'already_handled' : 'under_way'
    },

    async all(appId, { state, limit, isDryRun, ...filter }, onProgress = () => undefined) {
      const where = eventWhere(filter)
      const selected = { appId, state, where } as const
      const matched = await events.count(selected)
      const total = Math.min(matched, limit)
      if (isDryRun) return { matched, replayed: 0 }
      let done = 0
      let replayed = 0
      let after = 0
      while (done < total) {
        const page = await events.page({ ...selected, after, limit: Math.min(BATCH, total - done) })
        const last = page.at(-1)
        if (last === undefined) break
        const positions = page.map(({ position }) => position)
        replayed += (await events.replay(appId, positions, clock.now())).length
        after = last.position
        done += page.length
        onProgress(done, total)
      }
      return { matched, replayed }
    },
  }
}
