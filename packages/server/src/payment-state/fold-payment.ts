/** Folds events into payments: the same payment for any order and any repetition of its events. */
import { describePayment } from './describe-payment.ts'
import { addRead, addSeen, type Evidence, NO_EVIDENCE, refundKnowledge } from './evidence.ts'
import type { Payment } from './payment.ts'
import type { PaymentId } from './payment-id.ts'
import type { PaymentSnapshot, SnapshotPart } from './snapshot.ts'

/** What an event says about one payment. */
export interface PaymentFacts {
  readonly snapshot: PaymentSnapshot
  /** When Stripe created the event, in seconds. */
  readonly at: number
  /** The connected account that the event is about; null: the app's own. */
  readonly account: string | null
}

/** What Stripe answered when it was asked about a payment. */
export interface PaymentReading {
  readonly paymentId: PaymentId
  readonly account: string | null
  /** The evidence when Stripe was asked; events may have come since. */
  readonly basis: Evidence | null
  readonly parts: readonly SnapshotPart[]
  /** The sum of `amount_refunded` over the charges; null when they were not read. */
  readonly amountRefunded: number | null
}

/** @param payment as it was before; null for the first event of a payment. */
export function foldPayment(payment: Pick<Payment, 'evidence'> | null, facts: PaymentFacts): Payment {
  const { snapshot, at, account } = facts
  const evidence = addSeen(payment?.evidence ?? NO_EVIDENCE, snapshot, at)
  return describePayment(snapshot.paymentId, { ...evidence, account: evidence.account ?? account })
}

/** Takes in what Stripe answered; what events alone left open is settled by it. */
export function foldReading(payment: Pick<Payment, 'evidence'> | null, reading: PaymentReading): Payment {
  const before = payment?.evidence ?? NO_EVIDENCE
  const basis = reading.basis ?? NO_EVIDENCE
  const after = reading.parts.reduce((evidence, part) => addRead(evidence, basis, part), before)
  const isUndisturbed = refundKnowledge(before) === refundKnowledge(basis)
  const refundedSettled =
    reading.amountRefunded !== null && isUndisturbed
      ? { amount: reading.amountRefunded, over: refundKnowledge(after) }
      : after.refundedSettled
  return describePayment(reading.paymentId, {
    ...after,
    refundedSettled,
    account: after.account ?? reading.account,
  })
}
