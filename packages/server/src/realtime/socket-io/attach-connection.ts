/** Joins one Socket.IO socket to its connection: messages in, events out, heartbeats, and the end. */
import type { DisconnectReason, Socket } from 'socket.io'
import { type Standings, standingOf } from '../../access/standings.ts'
import type { Budgets } from '../../budgets/create-budgets.ts'
import type { Holder } from '../../budgets/holder.ts'
import type { Clock } from '../../clock.ts'
import type { UnfitRules } from '../../http/unfit-value.ts'
import type { UiDoor } from '../ui-door.ts'
import { CLIENT_EVENTS, readClientMessage } from './client-message.ts'
import { type ConnectionDeps, createConnection } from './connection.ts'
import { type DropReason, dropConnection } from './drop-connection.ts'
import type { Handshake, HandshakeDeps } from './handshake.ts'
import type { SocketLimits } from './limits.ts'
import { createMessageAllowance } from './message-allowance.ts'
import { createOutbox } from './outbox.ts'
import { createUiRequests } from './ui-requests.ts'
import { watchHeartbeats } from './watch-heartbeats.ts'

export interface AttachConnectionDeps
  extends Pick<HandshakeDeps, 'authenticate'>,
    Pick<ConnectionDeps, 'follow' | 'memory' | 'policy' | 'clientPayloads' | 'log'> {
  readonly clock: Clock
  readonly standings: Pick<Standings, 'hold'>
  /** Messages for pages. */
  readonly ui: UiDoor
  readonly limits: SocketLimits
  readonly holder: Holder
  readonly budgets: Pick<Budgets, 'subscribe' | 'read'>
  /** What no message may hold. */
  readonly unfit: UnfitRules
}

/** After these, what was written last may be lost on the way; after all others it was read. */
const UNCLEAN: ReadonlySet<DisconnectReason> = new Set(['ping timeout', 'transport error'] as const)

export function attachConnection(socket: Socket, handshake: Handshake, deps: AttachConnectionDeps): void {
  const { app, apiKey, authorization, principal, clientId, binary } = handshake
  const { limits, log, budgets, holder } = deps

  let dropped = false
  const drop = (reason: DropReason): void => {
    dropped = true
    log.warn({ appId: app.appId, reason, address: socket.handshake.address }, 'A realtime client was dropped')
    dropConnection(socket, reason, binary)
  }
  const outbox = createOutbox({
    connection: socket.conn,
    namespace: socket.nsp.name,
    binary,
    mostPending: limits.pendingCharacters,
    onOverflow: () => drop('slow_consumer'),
  })
  const connection = createConnection({
    ...deps,
    outbox,
    principal,
    clientId,
    binary,
    identify: (userToken) => deps.authenticate(app, apiKey, { userToken, authorization }),
    mostSubscriptions: limits.subscriptions,
    admitSubscription(characters) {
      // With a client's key a subscription is a reading, which may be a guess.
      if (principal.role !== 'server') budgets.read(holder)
      return budgets.subscribe(holder, characters)
    },
    ui: createUiRequests({ door: deps.ui, headers: socket.handshake.headers, outbox }),
    drop,
  })

  // A watch token may come later, so the key that signs those counts for every client.
  const standing = { ...standingOf(principal, ['read']), byToken: principal.role === 'client' }
  const release = deps.standings.hold(standing, (reason) => {
    connection.refuse(reason)
    drop(reason.code === 'app_disabled' ? reason.code : 'key_revoked')
  })

  const allowance = createMessageAllowance(deps.clock, limits.messages)
  for (const event of CLIENT_EVENTS) {
    socket.on(event, (argument: unknown) => {
      if (dropped) return
      if (allowance.take()) connection.receive(readClientMessage(event, argument, deps.unfit))
      else drop('too_many_requests')
    })
  }
  const stopWatching = watchHeartbeats(socket.conn, (moment) => connection.heartbeat(moment))
  socket.on('disconnect', (reason) => {
    stopWatching()
    release()
    // Whom we drop reads to the end of what was sent, and comes back then.
    connection.close(dropped || !UNCLEAN.has(reason))
  })
}
