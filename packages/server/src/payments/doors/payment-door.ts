/** What every route of `/v1/payments` shares: what it is put together from, who asks, and how a payment is answered. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../../access/principal.ts'
import type { ReadPolicy } from '../../access/read-access.ts'
import type { WatchTokens } from '../../access/watch-token.ts'
import type { Clock } from '../../clock.ts'
import { ServiceError } from '../../errors.ts'
import type { RouteDoc } from '../../http/route-doc.ts'
import type { PaymentAttemptStore } from '../../store/payment-attempt-store.ts'
import type { PaymentStore } from '../../store/payment-store.ts'
import type { Caller } from '../caller.ts'
import type { Change, Changed } from '../change-payment.ts'
import type { Payments } from '../create-payments.ts'
import { type CallerDeps, callerOf } from './caller-of.ts'
import { type PaymentAnswer, paymentAnswer } from './payment-answer.ts'
import { watchScope } from './watch-scope.ts'

export interface PaymentRoutesDeps extends CallerDeps {
  readonly payments: Pick<Payments, 'pay' | 'change' | 'changePrice' | 'loadIntent'>
  readonly attempts: Pick<PaymentAttemptStore, 'findOrderByIntent' | 'soldItems'>
  readonly stored: Pick<PaymentStore, 'find' | 'list'>
  readonly watchTokens: Pick<WatchTokens, 'sign'>
  readonly policy: ReadPolicy
  readonly clock: Clock
}

export interface PaymentDoor extends PaymentRoutesDeps {
  callerOf(request: FastifyRequest): Promise<Caller>
  /** The payment for who pays it or owns it; a reader who only knows its id gets neither secret nor token. */
  answer(caller: Caller, of: Pick<Changed, 'intent' | 'orderId'>, isPayer: boolean): Promise<PaymentAnswer>
  /** Makes the change, and answers for its payer or owner; the reply says where it was made before. */
  change(
    caller: Caller,
    it: Change,
    reply: FastifyReply,
  ): Promise<PaymentAnswer & { readonly refund: string | null }>
}

export interface ById {
  Params: { readonly id: string }
}

/** Who may begin and confirm a payment. */
export const PAYERS = ['client', 'server'] as const
/** What every route that moves money takes. */
export const moving = { isIdempotent: true, takesAccount: true } as const
/** What every route that a payer calls takes as well. */
export const paying = { ...moving, takesCustomerToken: true } as const

export const paymentDoc = (it: Omit<RouteDoc, 'tag'>): { config: { doc: RouteDoc } } => ({
  config: { doc: { tag: 'Payments', ...it } },
})

export function createPaymentDoor(deps: PaymentRoutesDeps): PaymentDoor {
  const answer: PaymentDoor['answer'] = async (caller, { intent, orderId }, isAnsweredInFull) => {
    // A server key for something else, such as refunds, is told nothing with which one pays.
    const isPayer = isAnsweredInFull && mayPay(caller.principal)
    const { appId } = caller.principal
    return paymentAnswer(intent, {
      orderId,
      account: caller.account,
      // What Stripe answered is told, also while our own rows cannot be read.
      stored: await deps.stored.find(appId, intent.id).catch(() => null),
      items: (await deps.attempts.soldItems(appId, [intent.id]).catch(() => null))?.get(intent.id) ?? null,
      watchToken: isPayer ? await deps.watchTokens.sign(appId, watchScope(intent, orderId)) : null,
      isPayer,
    })
  }
  return {
    ...deps,
    callerOf: (request) => callerOf(request, deps),
    answer,
    async change(caller, it, reply) {
      const changed = await deps.payments.change(caller, it)
      markRepeat(reply, changed)
      return { ...(await answer(caller, changed, true)), refund: changed.refundId }
    },
  }
}

/** In Stripe's own word: what is answered was done for an earlier equal request. */
export function markRepeat(reply: FastifyReply, { isRepeat }: { readonly isRepeat: boolean }): void {
  if (isRepeat) reply.header('Idempotent-Replayed', 'true')
}

function mayPay(principal: Principal): boolean {
  return principal.role !== 'server' || principal.scopes.includes('payments')
}

/** The app's own server where it may act, and who shows the payment's watch token; not who merely knows its id. */
export function mayHaveSecrets(principal: Principal, paymentIntentId: string): boolean {
  if (principal.role === 'server') return mayPay(principal)
  return principal.watch?.paymentIntentId.includes(paymentIntentId) ?? false
}

/** Throws `resource_missing` for what no PaymentIntent is called. */
export function intentId(id: string): string {
  if (/^pi_\w{1,251}$/.test(id)) return id
  throw unknownPayment(id)
}

export function unknownPayment(id: string, param = 'id'): ServiceError {
  return new ServiceError('resource_missing', {
    message: `There is no payment ${id.slice(0, 80)} in this app.`,
    param,
  })
}
