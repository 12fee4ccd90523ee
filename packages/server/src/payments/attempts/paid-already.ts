/** The one answer to "is this order paid already?", asked with the attempt's row claimed, before anything is sent. */
import type { Stripe } from 'stripe'
import { ServiceError } from '../../errors.ts'
import type { Payment } from '../../payment-state/payment.ts'
import type { NewAttempt } from '../../store/payment-attempt-store.ts'
import type { PaymentStore } from '../../store/payment-store.ts'
import type { LoadIntent } from '../load-intent.ts'
import { hasTakenMoney } from './judge-outcome.ts'

type Asked = Pick<NewAttempt, 'appId' | 'account' | 'orderId' | 'call'>

/**
 * @returns the payment that pays the order, as Stripe has it now; null: there is none beside the attempt's own. Throws
 * `order_already_paid` where it is no PaymentIntent, and what the gateway throws while Stripe cannot be asked.
 */
export type PaidAlready = (asked: Asked) => Promise<Stripe.PaymentIntent | null>

export interface PaidAlreadyDeps {
  readonly stored: Pick<PaymentStore, 'findByOrder'>
  readonly loadIntent: LoadIntent
  /** Brings the stored payments up to Stripe, where they may be behind. */
  catchUp(appId: string, account: string): Promise<void>
}

/** Nothing else begins to charge anybody. */
const CHARGING = new Set<string>(['create', 'confirm'])

export function createPaidAlready({ stored, loadIntent, catchUp }: PaidAlreadyDeps): PaidAlready {
  return async ({ appId, account, orderId, call }) => {
    if (orderId === null || !CHARGING.has(call.operation)) return null
    await catchUp(appId, account)
    const known = await stored.findByOrder(appId, orderId)
    // What the call is about is paid: Stripe will say so to the call itself.
    if (known.some((it) => it.id === call.paymentIntent && mayPay(it))) return null
    const others = known.filter((it) => it.id !== call.paymentIntent && (it.account ?? '') === account)
    for (const payment of others.filter(mayPay)) {
      // A charge of an old kind has nothing more that could be asked.
      if (!payment.id.startsWith('pi_')) throw orderAlreadyPaid(orderId, payment.id)
      const intent = await loadIntent({ appId, account }, payment.id).catch(orMissing)
      if (intent !== null && hasTakenMoney(intent)) return intent
    }
    return null
  }
}

/** Deleted test data, for one. */
function orMissing(error: unknown): null {
  if (error instanceof ServiceError && error.code === 'resource_missing') return null
  throw error
}

/** Paid, held or under way, and not given back in full; or perhaps, which Stripe will say. */
function mayPay({ status, amountReceived, amountRefunded, needsReread }: Payment): boolean {
  if (status === 'succeeded') return needsReread || amountRefunded < amountReceived
  return status === 'requires_capture' || status === 'processing' || needsReread
}

export function orderAlreadyPaid(orderId: string, paymentId: string): ServiceError {
  return new ServiceError('order_already_paid', {
    message: `The order ${orderId} is paid by the payment ${paymentId} already, so nothing was charged.`,
    param: 'order_id',
    details: { payment: paymentId },
  })
}
