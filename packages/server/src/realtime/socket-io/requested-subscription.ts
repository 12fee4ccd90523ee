/** What a SUB_ON asks for: decides, without side effects, whether and how it is served. */
import { parseChannel, STRIPE_CHANNEL } from '@tollbridge/protocol'
import type { Principal, WatchScope } from '../../access/principal.ts'
import { assertMayRead, type ReadPolicy } from '../../access/read-access.ts'
import { ServiceError } from '../../errors.ts'
import { STRIPE_EVENTS_TABLE } from '../../store/event-columns.ts'
import { type ListenRequest, listenWithin, readSelector, readWhereClause } from '../listen-request.ts'
import { type Options, requiredTextOption, textOption } from './client-message.ts'

export type RequestedSubscription =
  /** Joins a channel: the client waits for a first answer besides SUB_READY. */
  | { readonly kind: 'join' }
  /** Accepted, and nothing ever comes. */
  | { readonly kind: 'quiet' }
  | {
      readonly kind: 'events'
      readonly form: 'message' | 'row'
      readonly request: ListenRequest
      /** Everything that makes this subscription the same one after a reconnect, besides its id. */
      readonly identity: readonly (string | null)[]
    }

/** The changes of rows that clients may name. Rows are only ever created here: the log is append-only. */
const ROW_EVENTS: ReadonlySet<string> = new Set([
  'created',
  'updated',
  'deleted',
  'upserted',
  'bulk-created',
  'bulk-updated',
  'bulk-deleted',
  'bulk-upserted',
])

/** Throws ServiceError with what the listener's onError is to say. */
export function readRequestedSubscription(
  name: string,
  options: Options,
  principal: Principal,
  policy: ReadPolicy,
): RequestedSubscription {
  switch (name) {
    case 'PUB_SUB_CONNECT':
      readChannel(options)
      return { kind: 'join' }
    case 'PUB_SUB_COMMANDS':
    case 'PUB_SUB_USERS':
      readChannel(options)
      return { kind: 'quiet' }
    case 'PUB_SUB_MESSAGES':
      return readMessages(options, principal, policy)
    case 'OBJECTS_CHANGES':
      return readRowChanges(options, principal, policy)
    default:
      throw new ServiceError('parameter_invalid', {
        message: `There is no subscription ${name.slice(0, 64)} here: messages of the channel ${STRIPE_CHANNEL} and changes of the table ${STRIPE_EVENTS_TABLE} are served.`,
        param: 'name',
      })
  }
}

function readMessages(options: Options, principal: Principal, policy: ReadPolicy): RequestedSubscription {
  const channel = readChannel(options)
  const selector = textOption(options, 'selector')
  const request = readSelector(selector, channel.transactionId)
  const scope = assertMayRead(principal, request.pins, policy)
  return {
    kind: 'events',
    form: 'message',
    request: listenWithin(request, scope),
    identity: ['message', channel.transactionId, selector, ...paymentsOf(scope)],
  }
}

function readRowChanges(options: Options, principal: Principal, policy: ReadPolicy): RequestedSubscription {
  const table = requiredTextOption(options, 'tableName', `only ${STRIPE_EVENTS_TABLE} is served`)
  if (table !== STRIPE_EVENTS_TABLE) {
    throw new ServiceError('table_unknown', {
      message: `Table not found by name '${table.slice(0, 64)}': only ${STRIPE_EVENTS_TABLE} is served.`,
      param: 'tableName',
    })
  }
  const event = requiredTextOption(options, 'event', `one of ${[...ROW_EVENTS].join(', ')}`)
  if (!ROW_EVENTS.has(event)) {
    throw new ServiceError('parameter_invalid', {
      message: `The option event must be one of ${[...ROW_EVENTS].join(', ')}.`,
      param: 'event',
    })
  }
  const whereClause = textOption(options, 'whereClause')
  const request = readWhereClause(whereClause)
  // As at Backendless, a created row fires `created` alone.
  if (event !== 'created') return { kind: 'quiet' }
  const scope = assertMayRead(principal, request.pins, policy)
  return {
    kind: 'events',
    form: 'row',
    request: listenWithin(request, scope),
    identity: ['row', whereClause, ...paymentsOf(scope)],
  }
}

/** With the token of another payment it is another subscription, which has not heard what the first one heard. */
function paymentsOf(scope: WatchScope | null): readonly string[] {
  return scope?.paymentIntentId ?? []
}

function readChannel(options: Options): { readonly transactionId: string | null } {
  const name = requiredTextOption(options, 'channel', `the channel of payment events is ${STRIPE_CHANNEL}`)
  const channel = parseChannel(name)
  if (channel.known) return channel
  throw new ServiceError('channel_unknown', {
    message: `There is no channel ${name.slice(0, 64)} here: the channel of payment events is ${STRIPE_CHANNEL}.`,
    param: 'channel',
  })
}
