/** Reads a payment out of its evidence. */
import { type Evidence, refundKnowledge } from './evidence.ts'
import type { Payment, PaymentError, PaymentStatus } from './payment.ts'
import type { PaymentId } from './payment-id.ts'
import { chosen, isUndecided, type Register } from './register.ts'
import { type ChargeContent, ENDED, HELD, type IntentContent } from './snapshot.ts'

export function describePayment(id: PaymentId, evidence: Evidence): Payment {
  const intent = evidence.intent === null ? null : chosen(evidence.intent)
  const charge = mainCharge(evidence)
  const attempt = evidence.attempt === null ? null : chosen(evidence.attempt)
  const first = intent ?? charge ?? attempt
  const fromCharge = statusFromCharge(evidence.intent, charge)
  const refunds = refundFacts(evidence, charge)
  const dispute = newestDispute(evidence)
  return {
    id,
    account: evidence.account,
    orderId: intent?.order_id ?? charge?.order_id ?? attempt?.order_id ?? null,
    status: fromCharge ?? (intent?.status as PaymentStatus | undefined) ?? statusFromAttempt(id, attempt),
    amount: first?.amount ?? 0,
    amountCapturable: fromCharge === null ? (intent?.amount_capturable ?? 0) : capturable(fromCharge, charge),
    amountReceived: Math.max(intent?.amount_received ?? 0, charge?.captured ? charge.amount_captured : 0),
    amountRefunded: refunds.amount,
    currency: first?.currency ?? '',
    chargeId: (fromCharge === null ? intent?.latest_charge : null) ?? charge?.id ?? attempt?.id ?? null,
    customerId: intent?.customer ?? charge?.customer ?? attempt?.customer ?? null,
    livemode: first?.livemode ?? false,
    disputeId: dispute?.id ?? null,
    disputeStatus: dispute?.status ?? null,
    lastError: fromCharge === null ? errorOf((intent ?? attempt)?.error ?? null) : null,
    created: first?.created ?? evidence.updated,
    updated: Math.max(evidence.updated, first?.created ?? 0),
    needsReread:
      isIntentUnclear(id, evidence) || refunds.unclear || Object.values(evidence.disputes).some(isUndecided),
    evidence,
  }
}

/** The attempt of ours that made the payment, as its objects name it; null: it was not made here. */
export function attemptOf(evidence: Evidence): string | null {
  const intent = evidence.intent === null ? null : chosen(evidence.intent)
  return intent === null ? (mainCharge(evidence)?.attempt ?? null) : intent.attempt
}

/** The one that went furthest; a PaymentIntent takes money once. */
function mainCharge({ charges }: Evidence): ChargeContent | null {
  const all = Object.values(charges).map(chosen)
  const rank = ({ captured, released, created }: ChargeContent) =>
    (captured ? 2 : released ? 0 : 1) * 1e12 + created
  return all.sort((a, b) => rank(b) - rank(a) || (a.id < b.id ? -1 : 1))[0] ?? null
}

/** What the money says where the PaymentIntent's own event has not come yet; null: it says nothing more. */
function statusFromCharge(
  intent: Register<IntentContent> | null,
  charge: ChargeContent | null,
): PaymentStatus | null {
  const tier = intent?.key[0] ?? -1
  if (charge === null || tier >= ENDED) return null
  if (tier >= HELD) return charge.captured && charge.amount_captured >= charge.amount ? 'succeeded' : null
  if (charge.captured) return 'succeeded'
  return charge.released ? 'canceled' : 'requires_capture'
}

function capturable(status: PaymentStatus, charge: ChargeContent | null): number {
  return status === 'requires_capture' ? (charge?.amount ?? 0) : 0
}

function statusFromAttempt(id: PaymentId, attempt: ChargeContent | null): PaymentStatus {
  if (attempt?.status !== 'failed') return 'processing'
  return isIntentId(id) ? 'requires_payment_method' : 'failed'
}

function isIntentUnclear(id: PaymentId, { intent, charges, attempt }: Evidence): boolean {
  if (intent !== null) return isUndecided(intent)
  if (isIntentId(id)) return true
  const all = Object.values(charges)
  return all.length > 0 ? all.some(isUndecided) : attempt === null
}

function isIntentId(id: PaymentId): boolean {
  return id.startsWith('pi_')
}

/**
 * Stripe tells of a refund twice: as a refund, and in the charge's own sum. The sum also holds what a capture left
 * over, and no event shows it after a refund has failed, so both are needed; where they disagree, Stripe is asked.
 */
function refundFacts(evidence: Evidence, charge: ChargeContent | null): { amount: number; unclear: boolean } {
  const { refundedSettled } = evidence
  if (refundedSettled !== null && refundedSettled.over === refundKnowledge(evidence)) {
    return { amount: refundedSettled.amount, unclear: false }
  }
  let standing = 0
  let undone = 0
  for (const register of Object.values(evidence.refunds)) {
    const { status, amount } = chosen(register)
    if (status === 'failed' || status === 'canceled') undone += amount
    else standing += amount
  }
  const reported = Object.values(evidence.refunded).reduce((sum, amount) => sum + amount, 0)
  const leftOver = charge?.captured ? charge.amount - charge.amount_captured : 0
  const hasUnknown = reported > standing + undone + leftOver
  const isAmbiguous = undone > 0 && standing !== reported && standing !== reported - undone
  return { amount: Math.max(standing, reported - undone), unclear: hasUnknown || isAmbiguous }
}

function newestDispute({ disputes }: Evidence): { id: string; status: string } | null {
  const all = Object.entries(disputes).map(([id, register]) => ({ id, ...chosen(register) }))
  return all.sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1))[0] ?? null
}

function errorOf(error: IntentContent['error']): PaymentError | null {
  return error === null ? null : { code: error[0], decline_code: error[1], message: error[2] }
}
