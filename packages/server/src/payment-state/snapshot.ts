/** Lifts out of a Stripe object what a payment is made of: the fields that count, and where they stand in its life. */
import type { PaymentId } from './payment-id.ts'

type Json = Readonly<Record<string, unknown>>

export interface IntentContent {
  readonly status: string
  readonly amount: number
  readonly amount_capturable: number
  readonly amount_received: number
  readonly currency: string
  readonly latest_charge: string | null
  readonly customer: string | null
  readonly order_id: string | null
  /** The attempt of ours that made it. */
  readonly attempt: string | null
  readonly livemode: boolean
  readonly created: number
  readonly error: readonly [code: string | null, declineCode: string | null, message: string | null] | null
}

export interface ChargeContent {
  readonly id: string
  readonly status: string
  readonly amount: number
  readonly amount_captured: number
  readonly captured: boolean
  /** Held, then let go without a capture. */
  readonly released: boolean
  readonly currency: string
  readonly customer: string | null
  readonly order_id: string | null
  /** The attempt of ours that made it. */
  readonly attempt: string | null
  readonly livemode: boolean
  readonly created: number
  readonly error: IntentContent['error']
}

export interface RefundContent {
  readonly status: string
  readonly amount: number
}

export interface DisputeContent {
  readonly status: string
  readonly created: number
}

/** `tier` orders the stages that an object passes in one direction only; `rest` orders within a stage. */
interface Place {
  readonly tier: number
  readonly rest: readonly number[]
}

export type SnapshotPart =
  | (Place & { readonly kind: 'intent'; readonly content: IntentContent })
  | (Place & {
      readonly kind: 'charge'
      readonly content: ChargeContent
      /** Stripe's `amount_refunded` at that moment. */
      readonly refunded: number
    })
  | (Place & { readonly kind: 'refund'; readonly id: string; readonly content: RefundContent })
  | (Place & { readonly kind: 'dispute'; readonly id: string; readonly content: DisputeContent })

/** What one Stripe object says about one payment. */
export type PaymentSnapshot = SnapshotPart & { readonly paymentId: PaymentId }

/** Under which names our ids travel in Stripe's metadata. */
export interface MetadataKeys {
  readonly orderId: string
  readonly attempt: string
}

/** An event's object with the second in which it was so. */
export interface Sighting {
  readonly object: unknown
  /** Seconds; 0 for an object that was read, not received. */
  readonly at: number
  /** `payment_intent.created` shows the beginning, whatever its second. */
  readonly isBeginning: boolean
}

/** @returns null for objects that are no part of a payment. */
export function paymentSnapshot(
  { object, at, isBeginning }: Sighting,
  keys: MetadataKeys,
): PaymentSnapshot | null {
  const it = asObject(object)
  const id = text(it?.['id'])
  if (it === null || id === null) return null
  const paymentId = reference(it['payment_intent']) ?? reference(it['charge'])
  switch (it['object']) {
    case 'payment_intent':
      return { paymentId: id as PaymentId, ...intentPart(it, at, isBeginning, keys) }
    case 'charge':
      return {
        paymentId: (reference(it['payment_intent']) ?? id) as PaymentId,
        ...chargePart(it, id, at, keys),
      }
    case 'refund':
      return paymentId === null ? null : { paymentId: paymentId as PaymentId, ...refundPart(it, id) }
    case 'dispute':
      return paymentId === null ? null : { paymentId: paymentId as PaymentId, ...disputePart(it, id, at) }
    default:
      return null
  }
}

const BEGINNING = 0
const OPEN = 1
export const HELD = 2
export const ENDED = 3

const INTENT_TIERS: Readonly<Record<string, number>> = {
  requires_capture: HELD,
  succeeded: ENDED,
  canceled: ENDED,
}

function intentPart(it: Json, at: number, isBeginning: boolean, keys: MetadataKeys): SnapshotPart {
  const status = text(it['status']) ?? 'processing'
  const tier = INTENT_TIERS[status] ?? (isBeginning ? BEGINNING : OPEN)
  const content: IntentContent = {
    status,
    amount: whole(it['amount']),
    amount_capturable: whole(it['amount_capturable']),
    amount_received: whole(it['amount_received']),
    currency: text(it['currency']) ?? '',
    latest_charge: reference(it['latest_charge']) ?? chargeWithin(it),
    customer: reference(it['customer']),
    order_id: text(asObject(it['metadata'])?.[keys.orderId]),
    attempt: text(asObject(it['metadata'])?.[keys.attempt]),
    livemode: it['livemode'] === true,
    created: whole(it['created']),
    error: errorOf(asObject(it['last_payment_error'])),
  }
  // A PaymentIntent never forgets that it was charged, and never gives back what it received.
  const rest = [at, content.latest_charge === null ? 0 : 1, content.amount_received]
  return { kind: 'intent', tier, rest, content }
}

/** Until 2022-11-15 an intent carried its charges instead of naming the latest. */
function chargeWithin(it: Json): string | null {
  const charges = asObject(it['charges'])?.['data']
  if (!Array.isArray(charges)) return null
  const found = charges.map(asObject).filter((charge) => charge !== null)
  const newestFirst = found.toSorted((a, b) => whole(b['created']) - whole(a['created']))
  const paid = newestFirst.find((charge) => charge['paid'] === true || charge['status'] === 'succeeded')
  return text((paid ?? newestFirst[0])?.['id'])
}

function chargePart(it: Json, id: string, at: number, keys: MetadataKeys): SnapshotPart {
  const status = text(it['status']) ?? 'pending'
  const captured = it['captured'] === true
  const released = status === 'succeeded' && !captured && it['refunded'] === true
  const failureCode = text(it['failure_code'])
  const content: ChargeContent = {
    id,
    status,
    amount: whole(it['amount']),
    amount_captured: whole(it['amount_captured']),
    captured,
    released,
    currency: text(it['currency']) ?? '',
    customer: reference(it['customer']),
    order_id: text(asObject(it['metadata'])?.[keys.orderId]),
    attempt: text(asObject(it['metadata'])?.[keys.attempt]),
    livemode: it['livemode'] === true,
    created: whole(it['created']),
    error:
      failureCode === null
        ? null
        : [failureCode, text(asObject(it['outcome'])?.['reason']), text(it['failure_message'])],
  }
  const tier = status === 'pending' ? 0 : captured || released ? 2 : 1
  return {
    kind: 'charge',
    tier,
    rest: [at, content.amount_captured],
    content,
    refunded: whole(it['amount_refunded']),
  }
}

/** A refund that succeeded can still come back as failed; none leaves `failed` or `canceled`. */
const REFUND_TIERS: Readonly<Record<string, number>> = {
  requires_action: 0,
  pending: 1,
  succeeded: 2,
  canceled: 3,
  failed: 4,
}

function refundPart(it: Json, id: string): SnapshotPart {
  const content = { status: text(it['status']) ?? 'pending', amount: whole(it['amount']) }
  return { kind: 'refund', id, tier: REFUND_TIERS[content.status] ?? 1, rest: [], content }
}

/** An inquiry can become a chargeback. What ended may be decided again, so the later verdict counts. */
const DISPUTE_TIERS: Readonly<Record<string, number>> = {
  warning_needs_response: 0,
  warning_under_review: 1,
  needs_response: 2,
  under_review: 3,
  warning_closed: 4,
  won: 4,
  lost: 4,
  prevented: 4,
}

function disputePart(it: Json, id: string, at: number): SnapshotPart {
  const content = { status: text(it['status']) ?? 'needs_response', created: whole(it['created']) }
  return { kind: 'dispute', id, tier: DISPUTE_TIERS[content.status] ?? 2, rest: [at], content }
}

function errorOf(error: Json | null): IntentContent['error'] {
  return error === null ? null : [text(error['code']), text(error['decline_code']), text(error['message'])]
}

/** A reference is an id, or the whole object where it was expanded. */
function reference(value: unknown): string | null {
  return text(value) ?? text(asObject(value)?.['id'])
}

function asObject(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function whole(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0
}
