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
import { createTellPayer, type TellPayer } from './tell-payer.ts'
import { watchScope } from './watch-scope.ts'

export interface PaymentRoutesDeps extends CallerDeps {
  readonly payments: Pick<Payments, 'pay' | 'change' | 'changePrice' | 'loadIntent' | 'proof'>
  readonly attempts: Pick<PaymentAttemptStore, 'findOrderByIntent' | 'soldItems'>
  readonly stored: Pick<PaymentStore, 'find' | 'list'>
  readonly watchTokens: Pick<WatchTokens, 'sign'>
  readonly policy: ReadPolicy
  readonly clock: Clock
}

export interface PaymentDoor extends PaymentRoutesDeps {
  readonly tellPayer: TellPayer
  callerOf(request: FastifyRequest): Promise<Caller>
  /** All of the payment, for who has proved to pay it, or owns it. */
  answer(caller: Caller, of: Pick<Changed, 'intent' | 'orderId'>): Promise<PaymentAnswer>
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
export const paying = { ...moving, takesCustomerToken: true, takesProof: true } as const

export const paymentDoc = (it: Omit<RouteDoc, 'tag'>): { config: { doc: RouteDoc } } => ({
  config: { doc: { tag: 'Payments', ...it } },
})

export function createPaymentDoor(deps: PaymentRoutesDeps): PaymentDoor {
  const answer: PaymentDoor['answer'] = async (caller, { intent, orderId }) => {
    const isPayer = mayPay(caller.principal)
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
  const tellPayer = createTellPayer(deps)
  return {
    ...deps,
    tellPayer,
    callerOf: (request) => callerOf(request, deps),
    answer,
    async change(caller, it, reply) {
      const changed = await tellPayer(caller, () => deps.payments.change(caller, it))
      markRepeat(reply, changed)
      return { ...(await answer(caller, changed)), refund: changed.refundId }
    },
  }
}

/** In Stripe's own word: what is answered was done for an earlier equal request. */
export function markRepeat(reply: FastifyReply, { isRepeat }: { readonly isRepeat: boolean }): void {
  if (isRepeat) reply.header('Idempotent-Replayed', 'true')
}

/** A server key for something else, such as refunds, is told nothing with which one pays. */
function mayPay(principal: Principal): boolean {
  return principal.role !== 'server' || principal.scopes.includes('payments')
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
