/** The access rule for listening and reading: a client must name the transaction it wants to see. */
import { TRANSACTION_PINS, type TransactionPin } from '@tollbridge/protocol'
import { ServiceError } from '../errors.ts'
import type { Principal, WatchScope } from './principal.ts'

export interface ReadPolicy {
  /** `pinned`: a client key must pin a transaction. `open`: any client may see every event of the app. */
  readonly clientReads: 'pinned' | 'open'
  /** Whether a client key must also show the payment's watch token. */
  readonly requireWatchToken: boolean
}

/** For each header or column: the only values with which the selector can be true. */
export type PinnedLiterals = ReadonlyMap<string, ReadonlySet<string>>

/** A client may follow a cart of payments, not trawl through guessed ids. */
const MOST_PINNED_VALUES = 50

/** Refuses with `pin_required` or `watch_token_required`, saying what to write instead; otherwise returns. */
export function assertMayRead(principal: Principal, pins: PinnedLiterals, policy: ReadPolicy): void {
  if (principal.role === 'server') return
  if (principal.role === 'watch') {
    assertInScope(principal.watch, pins)
    return
  }
  if (policy.clientReads === 'open') return
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
  if (!policy.requireWatchToken) return
  if (principal.watch === null) {
    throw new ServiceError('watch_token_required', {
      message:
        'This app shows a payment only to its payer: send the watch token that the charge answered (header Tollbridge-Watch-Token) as user-token or watch_token.',
    })
  }
  assertInScope(principal.watch, pins)
}

function assertInScope(scope: WatchScope, pins: PinnedLiterals): void {
  const covered = TRANSACTION_PINS.some((name) => isCovered(scope, name, pins.get(name)))
  if (covered) return
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
