/** One client of the Backendless contract, after its handshake: answers its messages, holds its subscriptions. */

import { type ClientPayloads, payloadView } from '../../access/payload-view.ts'
import type { Principal } from '../../access/principal.ts'
import type { ReadPolicy } from '../../access/read-access.ts'
import { ServiceError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { dataJson, errorJson, readyJson, resultJson } from './answers.ts'
import type { ClientMessage, Options } from './client-message.ts'
import { textOption } from './client-message.ts'
import type { DropReason } from './drop-connection.ts'
import { type HeldSubscription, type HoldSubscriptionDeps, holdSubscription } from './held-subscription.ts'
import { readRequestedSubscription } from './requested-subscription.ts'
import { UI_SUBSCRIPTION, type UiRequests, type UiSubscription } from './ui-requests.ts'
import type { HeartbeatMoment } from './watch-heartbeats.ts'

export interface Connection {
  /** Answers in the order of the calls. */
  receive(message: ClientMessage): void
  /** A heartbeat goes out, or its answer came in: what tells received from merely sent. */
  heartbeat(moment: HeartbeatMoment): void
  /** Tells each subscription why it is over; whoever owns the connection drops it then. */
  refuse(reason: ServiceError): void
  /** @param clean whether what left this process can be taken as received. */
  close(clean: boolean): void
}

export interface ConnectionDeps
  extends Pick<HoldSubscriptionDeps, 'follow' | 'memory' | 'outbox' | 'clientId'> {
  readonly principal: Principal
  /** The same caller with another user token. */
  identify(userToken: string | null): Promise<Principal>
  readonly policy: ReadPolicy
  readonly clientPayloads: ClientPayloads
  readonly mostSubscriptions: number
  /** The Java client's form: errors are told as their sentence alone. */
  readonly binary: boolean
  /** Finds room for one more, with options of so many characters. Throws `too_many_subscriptions` or `too_many_requests`. */
  admitSubscription(characters: number): () => void
  /** Messages for pages. */
  readonly ui: UiRequests
  readonly log: Log
  /** Ends the connection; the client comes back with the same ids and continues. */
  drop(reason: DropReason): void
}

type Subscription = HeldSubscription | UiSubscription | 'quiet'

export function createConnection(deps: ConnectionDeps): Connection {
  const { outbox, policy, log, drop, mostSubscriptions, ui } = deps
  const { appId } = deps.principal
  const view = payloadView(deps.principal, deps.clientPayloads)
  const subscriptions = new Map<string, Subscription>()
  let principal = deps.principal
  let closed = false
  let turn: Promise<void> = Promise.resolve()

  /** What gives the place of each subscription back. */
  const places = new Map<string, () => void>()

  const leave = (id: string): void => {
    subscriptions.delete(id)
    places.get(id)?.()
    places.delete(id)
  }

  const cancel = (id: string): void => {
    const subscription = subscriptions.get(id)
    leave(id)
    if (subscription !== undefined && subscription !== 'quiet') subscription.cancel()
  }

  const subscribe = async (id: string, name: string, options: Options): Promise<void> => {
    replace(id)
    if (subscriptions.size >= mostSubscriptions) {
      throw new ServiceError('too_many_subscriptions', {
        message: `One connection may hold ${mostSubscriptions} subscriptions: remove listeners that are no longer needed.`,
      })
    }
    places.set(id, deps.admitSubscription(JSON.stringify(options).length))
    try {
      await begin(id, name, options)
    } catch (error) {
      leave(id)
      throw error
    }
  }

  const begin = async (id: string, name: string, options: Options): Promise<void> => {
    if (name === UI_SUBSCRIPTION) {
      const ready = () => outbox.send('SUB_READY', readyJson(id))
      const held = await ui.subscribe(id, options, ready, () => {
        if (subscriptions.get(id) === held) leave(id)
      })
      // The connection ended while the session was checked.
      if (closed) {
        leave(id)
        held.cancel()
      } else subscriptions.set(id, held)
      return
    }
    const requested = readRequestedSubscription(name, options, principal, policy)
    outbox.send('SUB_READY', readyJson(id))
    if (requested.kind !== 'events') {
      subscriptions.set(id, 'quiet')
      // Clients before 5.8.8 and the Java client know no SUB_READY and join on this one.
      if (requested.kind === 'join') outbox.send('SUB_RES', dataJson(id, '"connected"'))
      return
    }
    const onFailure = (error: unknown) => {
      log.error({ err: error, appId }, 'Missed events could not be read for a subscription')
      drop('store_unavailable')
    }
    subscriptions.set(id, holdSubscription(id, requested, { ...deps, appId, view, onFailure }))
  }

  /** An id that is used again on the same connection takes the place of the old one and continues after it. */
  const replace = (id: string): void => {
    const subscription = subscriptions.get(id)
    leave(id)
    if (subscription === undefined || subscription === 'quiet') return
    if ('kind' in subscription) subscription.cancel()
    else subscription.suspend(subscription.progress.queuedPosition)
  }

  const callMethod = async (id: string, name: string, options: Options): Promise<void> => {
    if (name === 'SET_USER_TOKEN') {
      // Whatever the token is: an error here ends the process of clients that run in Node.
      await setUserToken(options)
      outbox.send('MET_RES', resultJson(id, null))
    } else if (ui.isMethod(name)) {
      outbox.send('MET_RES', resultJson(id, await ui.call(name, options)))
    } else if (name === 'PUB_SUB_COMMAND') {
      throw new ServiceError('operation_not_allowed', {
        message: 'Nobody but the server may send on the channel stripe, neither messages nor commands.',
      })
    } else {
      throw new ServiceError('parameter_invalid', {
        message: `There is no method ${name.slice(0, 64)} here; SET_USER_TOKEN is the only one.`,
        param: 'name',
      })
    }
  }

  const setUserToken = async (options: Options): Promise<void> => {
    try {
      principal = await deps.identify(textOption(options, 'userToken'))
    } catch (error) {
      log.debug({ err: error, appId }, 'A user token was not taken over')
    }
  }

  const answer = async (message: Exclude<ClientMessage, { event: 'SUB_OFF' }>): Promise<void> => {
    const isSubscription = (message.event === 'malformed' ? message.of : message.event) === 'SUB_ON'
    try {
      if (message.event === 'malformed') throw message.error
      if (message.event === 'SUB_ON') await subscribe(message.id, message.name, message.options)
      else await callMethod(message.id, message.name, message.options)
    } catch (error) {
      if (message.id === null) return
      const failure = error instanceof ServiceError ? error : fault(error)
      outbox.send(isSubscription ? 'SUB_RES' : 'MET_RES', errorJson(message.id, failure, deps.binary))
    }
  }

  const fault = (error: unknown): ServiceError => {
    log.error({ err: error, appId }, 'A message of a realtime client was not answered')
    return new ServiceError('internal', { message: 'Something went wrong on our side.', cause: error })
  }

  const eachHeld = (act: (held: HeldSubscription) => void): void => {
    for (const subscription of subscriptions.values()) {
      if (subscription !== 'quiet' && !('kind' in subscription)) act(subscription)
    }
  }

  return {
    receive(message) {
      // One after the other: a subscription that follows a token is judged with that token.
      turn = turn.then(() => {
        if (closed) return undefined
        if (message.event === 'SUB_OFF') return cancel(message.id)
        const answered = answer(message)
        // These wait for Stripe, and nothing waits for them.
        return message.event === 'MET_REQ' && ui.isMethod(message.name) ? undefined : answered
      })
    },
    heartbeat(moment) {
      eachHeld(({ progress }) => {
        if (moment === 'sent') progress.mark()
        else if (moment === 'answered') progress.prove()
        else progress.proveFlushed()
      })
    },
    refuse(reason) {
      for (const id of subscriptions.keys()) outbox.send('SUB_RES', errorJson(id, reason, deps.binary))
    },
    close(clean) {
      closed = true
      for (const held of subscriptions.values()) if (held !== 'quiet' && 'kind' in held) held.cancel()
      eachHeld((held) => held.suspend(clean ? held.progress.flushedPosition : held.progress.provenPosition))
      subscriptions.clear()
      for (const leavePlace of places.values()) leavePlace()
      places.clear()
      outbox.close()
    },
  }
}
