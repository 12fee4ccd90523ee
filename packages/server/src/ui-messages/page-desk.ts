/** What a page may do, over whichever transport it comes. */

import type { Standing, Standings } from '../access/standings.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { UiMessage, UiMessageStore } from '../store/ui-message-store.ts'
import type { AnswerMessage, PostedCallback } from './answer-message.ts'
import type { EndMessages } from './end-message.ts'
import type { UiFeed } from './feed.ts'
import type { PageCaller } from './page-caller.ts'
import type { PageHub, PageSink } from './page-hub.ts'
import type { Ticking } from './ports.ts'
import type { Presences } from './presences.ts'
import { refusedTaking } from './refusals.ts'

export interface DeskSink extends PageSink {
  /** The connection is over, and why. */
  over(reason: ServiceError): void
}

export interface PageDesk {
  /** Throws `too_many_subscriptions`. */
  assertRoom(caller: PageCaller): void
  /** Shows what waits and what comes, until the returned function is called or the session ends. */
  connect(caller: PageCaller, sink: DeskSink): () => void
  claim(caller: PageCaller, id: string): Promise<{ readonly object: 'ui_claim'; readonly id: string }>
  answer(
    caller: PageCaller,
    posted: PostedCallback,
  ): Promise<{
    readonly object: 'ui_callback'
    readonly id: string
    readonly callback: string
    readonly verified: boolean
  }>
}

export interface PageDeskDeps {
  readonly store: Pick<UiMessageStore, 'claim'>
  readonly hub: PageHub
  readonly feed: UiFeed
  readonly presences: Pick<Presences, 'enter' | 'leave'>
  readonly standings: Pick<Standings, 'hold'>
  readonly answer: AnswerMessage
  readonly ends: Pick<EndMessages, 'byStripesWord'>
  readonly clock: Clock
  readonly timers: Pick<Ticking, 'after'>
  newId(): string
  readonly log: Log
  onChanged(): void
}

/** Of one user, at one process. */
const MOST_STREAMS = 100

export function createPageDesk(deps: PageDeskDeps): PageDesk {
  const { store, hub, feed, presences, clock, timers, log } = deps
  /** Counted from the first moment, so that many at once find no way around the limit. */
  const connections = new Map<string, number>()
  const keyOf = ({ session: { appId, user } }: PageCaller) => JSON.stringify([appId, user])
  const countOf = (caller: PageCaller) => connections.get(keyOf(caller)) ?? 0

  /** The form may open where Stripe cannot be asked; its answer will be. */
  const wasDone = (message: UiMessage) => deps.ends.byStripesWord(message).catch(() => false)

  return {
    assertRoom(caller) {
      if (countOf(caller) < MOST_STREAMS) return
      throw new ServiceError('too_many_subscriptions', {
        message: `One user may have ${MOST_STREAMS} connections for messages; close those that are not needed.`,
      })
    },
    connect(caller, sink) {
      const { session, page } = caller
      connections.set(keyOf(caller), countOf(caller) + 1)
      const holder = deps.newId()
      const connected = { appId: session.appId, page, sink }
      let isOver = false
      const leave = () => {
        if (isOver) return
        isOver = true
        if (countOf(caller) > 1) connections.set(keyOf(caller), countOf(caller) - 1)
        else connections.delete(keyOf(caller))
        stopWaiting()
        release()
        hub.remove(connected)
        presences.leave(holder)
      }
      const stopWaiting = timers.after(Math.max(0, session.expiresAt - clock.now()), () => {
        leave()
        sink.over(
          new ServiceError('ui_session_expired', {
            message: 'The session of this page has expired; come back with a new token.',
          }),
        )
      })
      const standing: Standing = {
        appId: session.appId,
        clientKey: null,
        serverKey: { id: session.madeBy, scopes: ['ui'] },
        byToken: true,
      }
      let release = () => {}
      release = deps.standings.hold(standing, (reason) => {
        leave()
        sink.over(reason)
      })
      const start = async () => {
        await presences.enter({ holder, appId: session.appId, page, instance: null })
        // It left while that was written down.
        if (isOver) return presences.leave(holder)
        let waiting = await feed.inTurn(async () => {
          if (isOver) return []
          hub.add(connected)
          return hub.waitingFor(connected)
        })
        while (waiting.length > 0 && !isOver) {
          const ids = waiting
          waiting = await feed.inTurn(() => hub.showWaiting(connected, ids))
          await sink.ready()
        }
      }
      start().catch((error: unknown) => {
        log.error({ err: error, appId: session.appId }, 'The messages that wait for a page could not be read')
        leave()
        sink.over(
          new ServiceError('store_unavailable', {
            message: 'The messages could not be read. Come back in a moment.',
          }),
        )
      })
      return leave
    },
    async claim({ session, page }, id) {
      const { outcome, message } = await store.claim(session.appId, id, page, clock.now())
      if (outcome !== 'taken' || message === null)
        throw refusedTaking(outcome === 'taken' ? 'unknown' : outcome, message)
      deps.onChanged()
      // A page was cut off while it showed it: what it began may be done.
      if (message.claims > 1 && (await wasDone(message))) throw refusedTaking('settled', message)
      return { object: 'ui_claim', id }
    },
    async answer(caller, posted) {
      const { callback, verified } = await deps.answer(caller, posted)
      return { object: 'ui_callback', id: posted.id, callback, verified }
    },
  }
}
