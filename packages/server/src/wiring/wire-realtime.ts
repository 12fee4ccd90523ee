/** What reaches clients by itself: the log's reader → hub → followers, and messages from the app's server to pages. */
import type { Budgets } from '../budgets/create-budgets.ts'
import type { ClientAddresses } from '../http/client-address.ts'
import { findCardNumber } from '../payments/doors/card-number.ts'
import { createFollowLog } from '../realtime/follow-log.ts'
import { createHub } from '../realtime/hub.ts'
import { createLogReader } from '../realtime/log-reader.ts'
import { createSocketIoAdapter } from '../realtime/socket-io-adapter.ts'
import { createNamedStreams } from '../realtime/sse/named-streams.ts'
import type { Timers } from '../realtime/timers.ts'
import { createUiMessages } from '../ui-messages/create-ui-messages.ts'
import type { AppDeps } from './app-deps.ts'
import type { Access } from './wire-access.ts'

type Deps = Pick<AppDeps, 'config' | 'store' | 'stripeFor' | 'clock' | 'log' | 'newId'> & {
  readonly access: Access
  readonly budgets: Budgets
  readonly addresses: Pick<ClientAddresses, 'of'>
  readonly timers: Timers
  pause(ms: number): Promise<void>
}

export function wireRealtime({
  config,
  store,
  stripeFor,
  access,
  clock,
  timers,
  pause,
  log,
  newId,
  budgets,
  addresses,
}: Deps) {
  const { events } = store
  const { directory, authenticator, serverCaller, readServerPrincipal, standings, policy, clientPayloads } =
    access
  const recentEventsMs = config.RECENT_EVENTS_SECONDS * 1000
  const hub = createHub({ log })
  const reader = createLogReader({ events, hub, timers, log })
  const follow = createFollowLog({ events, hub, head: reader.head, clock, recentEventsMs })
  const namedStreams = createNamedStreams({ timers, log, budgets })
  const uiMessages = createUiMessages({
    store: store.uiMessages,
    tokens: access.uiSessionTokens,
    stripeFor,
    findCardNumber,
    streams: namedStreams,
    serverCaller,
    readServerPrincipal,
    standings,
    clock,
    timers,
    pause,
    newId,
    log,
  })
  const sockets = createSocketIoAdapter({
    directory,
    authenticate: authenticator.fromKey,
    standings,
    follow,
    policy,
    clientPayloads,
    ui: uiMessages.door,
    recentEventsMs,
    budgets,
    addressOf: addresses.of,
    unfit: { returnUrlSchemes: config.RETURN_URL_SCHEMES },
    clock,
    timers,
    log,
  })
  return { hub, reader, follow, namedStreams, uiMessages, sockets }
}
