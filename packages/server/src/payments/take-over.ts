/** The owner of an order takes it over from a client that began it alone and did not pay. docs/decisions/0012. */
import { ServiceError } from '../errors.ts'
import type { PaymentOrder } from '../store/payment-attempt-store.ts'
import type { AskerOf } from './asker-of.ts'
import type { AttemptPlan } from './attempts/attempt-plan.ts'
import { fingerprintOf } from './attempts/fingerprint.ts'
import type { PerformAttempt } from './attempts/perform-attempt.ts'
import type { Caller } from './caller.ts'
import type { LoadIntent } from './load-intent.ts'
import { payerMark } from './payer-keys.ts'
import type { ProofOfPayer } from './proof-of-payer.ts'
import { LATEST_CHARGE } from './terms/intent-params.ts'
import { isWrongState } from './terms/price-change-refused.ts'

/**
 * For a caller who has proved to be the order's payer or the app's server.
 * @returns `canceled`: nobody pays the PaymentIntent any more, and the caller's own is to take its place. `kept`: it is the
 * caller's already, or money has moved.
 */
export type TakeOver = (
  caller: Caller,
  order: PaymentOrder,
  asked: {
    /** Whether it is what the order has. Throws for what may not be asked. */
    isSame(): Promise<boolean>
  },
) => Promise<'canceled' | 'kept'>

export interface TakeOverDeps {
  readonly proof: Pick<ProofOfPayer, 'isBeginner'>
  readonly performer: PerformAttempt
  readonly loadIntent: LoadIntent
  readonly askerOf: AskerOf
}

/** Paid, held or on its way. */
const MOVED = new Set<string>(['succeeded', 'requires_capture', 'processing'])

export function createTakeOver({ proof, performer, loadIntent, askerOf }: TakeOverDeps): TakeOver {
  return async (caller, order, asked) => {
    const { appId, account, orderId, paymentIntentId } = order
    if (isOwners(order) || (await proof.isBeginner(caller, order))) return 'kept'
    const { status } = await loadIntent(order, paymentIntentId)
    if (status === 'canceled') return 'canceled'
    if (MOVED.has(status)) return 'kept'
    // What the owner asks for is checked before anything of the stranger's goes. Where somebody is answering his bank,
    // and for the same, he may go on.
    const isSame = await asked.isSame()
    if (isSame && (status === 'requires_action' || order.payer === null)) return 'kept'
    const plan: AttemptPlan = {
      appId,
      account,
      subject: `order:${orderId}`,
      requestKey: null,
      fingerprint: fingerprintOf({ operation: 'take-over', paymentIntentId }),
      orderId,
      terms: null,
      call: () => ({
        operation: 'cancel',
        paymentIntent: paymentIntentId,
        params: { expand: LATEST_CHARGE, cancellation_reason: 'abandoned' },
      }),
      payer: payerMark(caller, 'open'),
      replaces: null,
    }
    try {
      await performer.perform(plan, askerOf(caller))
      return 'canceled'
    } catch (error) {
      // Its payer was quicker; what he made of it is seen by who asks next.
      if (isWrongState(error) || isMoved(error)) return 'kept'
      throw error
    }
  }
}

/** Rows of before, and those that were lost, know no more than whose word the price is. */
function isOwners({ payer, terms }: PaymentOrder): boolean {
  return payer === null ? terms['set_by'] === 'server' : payer.by !== 'client'
}

function isMoved(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'stripe_rejected'
}
