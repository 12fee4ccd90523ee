/** The access rule for listening and reading: a client must name the transaction it wants to see. */
import { TRANSACTION_PINS, type TransactionPin } from '@tollbridge/protocol'
import { ServiceError } from '../errors.ts'
import type { AppId, Principal, WatchScope } from './principal.ts'

export interface ReadPolicy {
  /** `pinned`: a client key must pin a transaction. `open`: any client may see every event of the app. */
  readonly clientReads: 'pinned' | 'open'
  /** Whether a client key must also show the payment's watch token. */
  readonly requireWatchToken: boolean
  /** Whether nobody can guess an order id of the app, so that one opens its events as an id of Stripe does. */
  orderIdsAreSecret(appId: AppId): boolean
}

/** For each header or column: the only values with which the selector can be true. */
export type PinnedLiterals = ReadonlyMap<string, ReadonlySet<string>>

/** Random ids of Stripe: who knows one was shown it. */
const UNGUESSABLE = TRANSACTION_PINS.filter((name) => name !== 'orderId')

/** A client may follow a cart of payments, not trawl through guessed ids. */
const MOST_PINNED_VALUES = 50

/**
 * Refuses with `pin_required` or `watch_token_required`, saying what to write instead.
 * @returns the payments outside of which nothing may be shown, where a watch token opens an order: the order may go on to
 * payments of others. null: the pins say all.
 */
export function assertMayRead(
  principal: Principal,
  pins: PinnedLiterals,
  policy: ReadPolicy,
): WatchScope | null {
  if (principal.role === 'server') return null
  if (principal.role === 'watch') return within(principal.watch, pins)
  if (policy.clientReads === 'open') return null
  assertPinned(pins)
  if (policy.requireWatchToken) {
    if (principal.watch !== null) return within(principal.watch, pins)
    throw new ServiceError('watch_token_required', {
      message:
        'This app shows a payment only to its payer: send the watch token that the charge answered (header Tollbridge-Watch-Token) as user-token or watch_token.',
    })
  }
  // What can match has an id that was not guessed, whatever else is asked of it.
  const isUnguessable = UNGUESSABLE.some((name) => pins.has(name))
  if (isUnguessable || policy.orderIdsAreSecret(principal.appId)) return null
  if (principal.watch !== null) return within(principal.watch, pins)
  throw new ServiceError('watch_token_required', {
    message:
      "An order id can be guessed, so by itself it opens nothing in this app. Send the watch token that the charge answered (header Tollbridge-Watch-Token) as user-token or watch_token, or name the payment as well: id = 'ch_…' or paymentIntentId = 'pi_…'. Where nobody can guess an order id, the server may be set to ORDER_IDS_ARE_SECRET=true.",
    details: { pins: UNGUESSABLE, setting: 'ORDER_IDS_ARE_SECRET' },
  })
}

function assertPinned(pins: PinnedLiterals): void {
  const pinned = TRANSACTION_PINS.filter((name) => pins.has(name))
  if (pinned.length === 0) {
    throw new ServiceError('pin_required', {
      message:
        "A client key must name the transaction: add a condition such as id = 'ch_…', paymentIntentId = 'pi_…' or orderId = '…'. A server key need not.",
      details: { pins: TRANSACTION_PINS },
    })
  }
  if (pinned.every((name) => (pins.get(name)?.size ?? 0) > MOST_PINNED_VALUES)) {
    throw new ServiceError('pin_required', {
      message: `A client key may name at most ${MOST_PINNED_VALUES} transactions in one selector; ask for fewer, or use a server key.`,
    })
  }
}

function within(scope: WatchScope, pins: PinnedLiterals): WatchScope | null {
  if (UNGUESSABLE.some((name) => isCovered(scope, name, pins.get(name)))) return null
  if (isCovered(scope, 'orderId', pins.get('orderId'))) return scope
  throw new ServiceError('watch_token_required', {
    message: 'The watch token does not open this transaction; name the payment that it was issued for.',
    details: { pins: TRANSACTION_PINS },
  })
}

function isCovered(
  scope: WatchScope,
  name: TransactionPin,
  values: ReadonlySet<string> | undefined,
): boolean {
  return values !== undefined && values.size > 0 && [...values].every((value) => scope[name].includes(value))
}
