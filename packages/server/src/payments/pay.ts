/** The one path of every new payment: an order through its one PaymentIntent, anything else through its own. */
import type { Stripe } from 'stripe'
import { ServiceError } from '../errors.ts'
import { isNewerPrice } from '../store/order-of-issue.ts'
import type { PaymentAttemptStore, PaymentOrder } from '../store/payment-attempt-store.ts'
import { ORDER_ID_METADATA } from '../stripe/event-facts.ts'
import type { AskerOf } from './asker-of.ts'
import type { AttemptPlan, Performed } from './attempts/attempt-plan.ts'
import type { CardGate } from './attempts/card-gate.ts'
import { fingerprintOf } from './attempts/fingerprint.ts'
import { orderAlreadyPaid } from './attempts/paid-already.ts'
import type { PerformAttempt } from './attempts/perform-attempt.ts'
import { isSingleUse, requestKeyOf } from './attempts/request-key.ts'
import type { Caller } from './caller.ts'
import type { ChangePrice } from './change-price.ts'
import type { LoadIntent } from './load-intent.ts'
import { payerMark } from './payer-keys.ts'
import type { DecidePrice, Price } from './ports.ts'
import type { ProofOfPayer } from './proof-of-payer.ts'
import type { TakeOver } from './take-over.ts'
import { type AgreedPrice, agreedTerms, presentPrice } from './terms/agreed-terms.ts'
import { confirmParams, createParams } from './terms/intent-params.ts'
import {
  asksTheSame,
  assertSameTerms,
  hasSameTerms,
  type NewTerms,
  type OrderTerms,
  priceIn,
  setterOf,
  withSigned,
} from './terms/order-terms.ts'
import type { PaymentInput } from './terms/payment-input.ts'
import { assertReplaces, repriced, superseded } from './terms/reprice.ts'

export interface Paid {
  /** With its latest charge. */
  readonly intent: Stripe.PaymentIntent
  readonly orderId: string | null
  /** An earlier equal request was the one that did it. */
  readonly isRepeat: boolean
  /** Whether the asker is known to be its payer. Else his request only has the same content, and he is told how it stands. */
  readonly isAskers: boolean
}

/** Throws ServiceError; after an upstream one, repeating the same request is safe. */
export type Pay = (caller: Caller, input: PaymentInput) => Promise<Paid>

export interface PayDeps {
  readonly attempts: Pick<PaymentAttemptStore, 'findOrder'>
  readonly performer: PerformAttempt
  readonly loadIntent: LoadIntent
  readonly decidePrice: DecidePrice
  /** For who is known to be the payer. */
  readonly changePrice: ChangePrice
  readonly cardGate: CardGate
  readonly proof: Pick<ProofOfPayer, 'assert'>
  readonly askerOf: AskerOf
  readonly takeOver: TakeOver
}

/** A page's test token such as `tok_visa` stands for a new card each time: no content tells one payer from another. */
function isAnybodys({ principal }: Caller, card: string): boolean {
  return principal.role !== 'server' && card.startsWith('tok_') && !isSingleUse(card)
}

export function createPay(deps: PayDeps): Pay {
  const { attempts, performer, loadIntent, decidePrice, changePrice, proof } = deps

  function priceOf({ principal }: Caller, { asked, orderId }: PaymentInput): Promise<Price> {
    return decidePrice({ appId: principal.appId, role: principal.role, orderId, ...asked })
  }

  function agree(
    caller: Caller,
    input: PaymentInput,
    price: AgreedPrice,
    before: OrderTerms | null,
  ): NewTerms {
    const { principal, customer } = caller
    return agreedTerms({ role: principal.role, customer, input, price, before })
  }

  /**
   * The order as this request asks for it: as it was started, or with a newer deal that the app's own server signed.
   * Throws when anything else is different, and `price_change_refused` once money moves.
   */
  async function orderAsAsked(
    caller: Caller,
    input: PaymentInput,
    order: PaymentOrder,
  ): Promise<PaymentOrder> {
    const { appId, account, orderId, paymentIntentId } = order
    const before = order.terms as unknown as OrderTerms
    const isAsBefore = asksTheSame(before, input.asked)
    const price = isAsBefore ? presentPrice(before) : await priceOf(caller, input)
    const terms = agree(caller, input, price, before)
    const { quote } = price
    assertSameTerms(orderId, quote === null ? before : withSigned(before, terms, quote.terms), terms)
    if (isAsBefore || quote === null || quote.id === before.quote) return order

    const isSame = hasSameTerms(before, terms)
    const next = repriced(price, { asked: input.asked, setBy: 'server', before })
    // A quote that changes nothing needs neither be young nor newest; a newer one takes its place all the same.
    if (isSame && (quote.isExpired || !isNewerPrice({ ...next }, { ...before }))) return order
    assertReplaces(next, price, before)
    const callerKey = caller.callerKey === null ? null : fingerprintOf(['price', caller.callerKey])
    try {
      await changePrice({ ...caller, callerKey }, { paymentIntentId, asked: input.asked })
    } catch (error) {
      if (isSame && error instanceof ServiceError && error.code === 'price_change_refused') return order
      throw error
    }
    const changed = (await attempts.findOrder(appId, account, orderId)) ?? order
    const present = changed.terms as unknown as OrderTerms
    // Somebody else's price came in between.
    if (present.quote !== quote.id) throw superseded(next)
    assertSameTerms(orderId, present, agree(caller, input, price, present))
    return changed
  }

  return async (caller, input) => {
    const { principal, account, callerKey, clientKey } = caller
    const { appId } = principal
    const fingerprint = fingerprintOf({ operation: 'pay', payer: caller.customer ?? undefined, ...input })
    // An order is paid once, whatever comes; without one only the content may tell. Where the client repeats by itself,
    // nobody meant the second one, and who paid the order must hear so without a proof that the first had not either.
    const isRepeatable = input.orderId === null && !isAnybodys(caller, input.card ?? '')
    const movesAgain = input.card !== null && (isRepeatable || caller.repeatsItself === true)
    const requestKey = requestKeyOf({ callerKey, clientKey, card: input.card, fingerprint, movesAgain })
    const asked = { appId, account, requestKey, fingerprint }
    const asker = deps.askerOf(caller)
    const paid = async (performed: Performed, orderId: string | null): Promise<Paid> => {
      const { attempt, answer, isRepeat, isAskers } = performed
      const intent = answer?.kind === 'intent' ? answer.intent : null
      return {
        intent: intent ?? (await loadIntent(attempt, attempt.paymentIntentId)),
        orderId,
        isRepeat,
        isAskers,
      }
    }

    const repeated = await performer.repeatOf(asked, asker)
    if (repeated !== null) {
      return 'paid' in repeated
        ? paidElsewhere(repeated.paid, await priceOf(caller, input))
        : paid(repeated, repeated.attempt.orderId)
    }

    const known = input.orderId === null ? null : await attempts.findOrder(appId, account, input.orderId)
    if (known !== null) return payOrder(known)
    const price = await priceOf(caller, input)
    const { orderId } = price
    const quoted =
      orderId === null || orderId === input.orderId ? null : await attempts.findOrder(appId, account, orderId)
    return quoted === null ? begin(price, null) : payOrder(quoted)

    /** @param replaces the canceled PaymentIntent whose place the new one takes */
    async function begin(price: Price, replaces: string | null): Promise<Paid> {
      const { orderId } = price
      const terms = agree(caller, input, price, null)
      const plan: AttemptPlan = {
        ...asked,
        subject: orderId === null ? null : `order:${orderId}`,
        orderId,
        terms: { ...terms, set_by: setterOf(principal.role, price.source) },
        call: (attemptId) => ({
          operation: 'create',
          paymentIntent: null,
          params: { ...createParams(terms, input, { orderId, attemptId }) },
        }),
        payer: payerMark(caller, price.source),
        replaces,
      }
      const gate = deps.cardGate(caller, { card: input.card, orderId, paymentIntentId: null })
      const performed = await performer.perform(plan, asker, gate)
      if ('order' in performed) return payOrder(performed.order)
      return 'paid' in performed ? paidElsewhere(performed.paid, price) : paid(performed, orderId)
    }

    /**
     * The order has its PaymentIntent: its payer tries one more card on it, unless it is paid. Its price may change at
     * any moment until the confirmation has its row; then the order comes back to be compared again.
     */
    async function payOrder(known: PaymentOrder): Promise<Paid> {
      // Before terms are compared: a stranger learns nothing of them.
      await proof.assert(caller, known)
      const before = known.terms as unknown as OrderTerms
      const taken = await deps.takeOver(caller, known, {
        isSame: async () => {
          const price = await priceOf(caller, input)
          return hasSameTerms(before, agree(caller, input, price, null))
        },
      })
      if (taken === 'canceled') return begin(await priceOf(caller, input), known.paymentIntentId)
      const order = await orderAsAsked(caller, input, known)
      const { orderId, paymentIntentId } = order
      const { card } = input
      if (card === null) {
        const intent = await loadIntent(order, paymentIntentId)
        return { intent, orderId, isRepeat: false, isAskers: true }
      }
      const confirm: AttemptPlan = {
        ...asked,
        subject: `order:${orderId}`,
        orderId,
        terms: priceIn(order.terms as unknown as OrderTerms),
        call: () => ({
          operation: 'confirm',
          paymentIntent: paymentIntentId,
          params: confirmParams(input),
        }),
        payer: payerMark(caller, 'open'),
        replaces: null,
      }
      const gate = deps.cardGate(caller, { card, orderId, paymentIntentId })
      const confirmed = await performer.perform(confirm, asker, gate)
      if ('order' in confirmed) return payOrder(confirmed.order)
      return 'paid' in confirmed
        ? paidElsewhere(confirmed.paid, priceIn(order.terms as unknown as OrderTerms))
        : paid(confirmed, orderId)
    }

    /** The answer is the payment that has the money, if it has as much as this request would have brought. */
    async function paidElsewhere(
      intent: Stripe.PaymentIntent,
      { amount, currency }: Pick<Price, 'amount' | 'currency'>,
    ): Promise<Paid> {
      const orderId = intent.metadata[ORDER_ID_METADATA] ?? input.orderId
      await proof.assert(caller, { account, paymentIntentId: intent.id, orderId, payer: null })
      if (intent.amount !== amount || intent.currency !== currency) {
        throw orderAlreadyPaid(orderId ?? '', intent.id)
      }
      return { intent, orderId, isRepeat: false, isAskers: true }
    }
  }
}
