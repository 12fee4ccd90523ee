/** Messages for pages put together: routes, a desk for other transports, and the work in the background. */
import type { FastifyInstance } from 'fastify'
import type { Standings } from '../access/standings.ts'
import type { UiSessionTokens } from '../access/ui-session-token.ts'
import type { Clock } from '../clock.ts'
import type { ReadServerPrincipal, ServerCaller } from '../http/server-caller.ts'
import type { Log } from '../log.ts'
import type { StoredEvent } from '../store/event-store.ts'
import type { UiMessageStore } from '../store/ui-message-store.ts'
import { createAbandonedClaims } from './abandoned-claims.ts'
import { createAnswerMessage } from './answer-message.ts'
import { createEndMessages } from './end-message.ts'
import { createUiFeed } from './feed.ts'
import { createJobHub } from './job-hub.ts'
import { registerJobRoutes } from './job-routes.ts'
import { createReadPageCaller } from './page-caller.ts'
import { createPageDesk } from './page-desk.ts'
import { createPageDoor, type PageDoor } from './page-door.ts'
import { createPageHub } from './page-hub.ts'
import { registerPageRoutes } from './page-routes.ts'
import type { ReadIntents, Ticking, UiStreams } from './ports.ts'
import { createPresences } from './presences.ts'
import { createReadIntent } from './read-intent.ts'
import { createSendMessage } from './send-message.ts'
import { registerSenderRoutes } from './sender-routes.ts'

export interface UiMessagesDeps {
  readonly store: UiMessageStore
  readonly tokens: UiSessionTokens
  stripeFor(appId: string): ReadIntents
  findCardNumber(value: unknown): string | null
  readonly streams: UiStreams
  readonly serverCaller: ServerCaller
  readonly readServerPrincipal: ReadServerPrincipal
  readonly standings: Pick<Standings, 'hold'>
  readonly clock: Clock
  readonly timers: Ticking
  pause(ms: number): Promise<void>
  newId(): string
  readonly log: Log
}

export interface UiMessages {
  /** For transports beside HTTP. */
  readonly door: PageDoor
  registerRoutes(fastify: FastifyInstance): void
  start(): void
  /** After an event of Stripe's was stored: a message about its intent may be over. Never throws. */
  noteEvent(event: Pick<StoredEvent, 'appId' | 'type' | 'id' | 'paymentIntentId'>): void
  /** Drops what is old. */
  sweep(): Promise<void>
  stop(): Promise<void>
}

/** How late a change by another process is seen, and a message's end, at most. */
const LOOK_EVERY_MS = 1_000
const ENDED_AT_ONCE = 200
const SWEPT_AT_ONCE = 500
const DAY_MS = 86_400_000
/** A callback that no process has taken keeps its message for so long. */
const UNHEARD_MS = 7 * DAY_MS

/** Those after which the intent may be where its message promises. */
const ENDING_EVENTS: ReadonlySet<string> = new Set([
  'setup_intent.succeeded',
  'payment_intent.processing',
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
])

export function createUiMessages(deps: UiMessagesDeps): UiMessages {
  const { store, clock, timers, log } = deps
  const hub = createPageHub({ store, clock })
  const feed = createUiFeed({ store, isHeard: () => hub.size > 0, tell: hub.tell, log })
  const jobs = createJobHub({ store, clock, log })
  const presences = createPresences({ store, clock, timers, log })
  const onChanged = () => {
    void feed.wake()
    void jobs.wake()
  }
  const readIntent = createReadIntent((appId) => deps.stripeFor(appId))
  const ends = createEndMessages({ ...deps, readIntent, onChanged })
  const abandoned = createAbandonedClaims({ store, clock, onChanged })
  const parts = { ...deps, presences, feed, readIntent, ends, endNow: ends.endNow, onChanged }
  const readCaller = createReadPageCaller(deps.tokens)
  const desk = createPageDesk({ ...parts, hub, answer: createAnswerMessage(parts) })

  let looking: Promise<void> = Promise.resolve()
  let isLooking = false
  async function look(): Promise<void> {
    await store.endOverdue(clock.now(), ENDED_AT_ONCE)
    await ends.round()
    await abandoned.look()
    await Promise.all([feed.wake(), jobs.wake()])
  }
  let stopLooking = () => {}

  return {
    door: createPageDoor(desk, readCaller),
    registerRoutes(fastify) {
      registerSenderRoutes(fastify, { ...parts, send: createSendMessage({ ...parts, deliver: feed.wake }) })
      registerPageRoutes(fastify, { ...parts, desk, readCaller })
      registerJobRoutes(fastify, { ...parts, hub: jobs })
      deps.streams.endWith(fastify)
    },
    start() {
      stopLooking = timers.every(LOOK_EVERY_MS, () => {
        if (isLooking) return
        isLooking = true
        looking = look()
          .catch((error: unknown) => log.error({ err: error }, 'Page messages could not be looked after'))
          .finally(() => {
            isLooking = false
          })
      })
    },
    noteEvent({ appId, type, id, paymentIntentId }) {
      const intent = type.startsWith('setup_intent.') ? id : paymentIntentId
      if (ENDING_EVENTS.has(type) && intent !== null) void ends.noteIntent(appId, intent)
    },
    async sweep() {
      const now = clock.now()
      await store.sweep({ endedBy: now - DAY_MS, unheardBy: now - UNHEARD_MS, now }, SWEPT_AT_ONCE)
    },
    async stop() {
      stopLooking()
      presences.stop()
      await looking
      await feed.inTurn(async () => {})
      await jobs.wake()
    },
  }
}
