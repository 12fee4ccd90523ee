/**
 * What a Stripe object says about money and whom it concerns, in the shape of whatever API version it came in. One rule for
 * each kind of object that differs between versions, or from the rest; the others share their names.
 */
import type { EventFacts } from '../store/event-store.ts'
import { type Json, listOf, objectIn, reference, text, whole } from './read-json.ts'

export type ObjectFacts = Pick<
  EventFacts,
  'chargeId' | 'paymentIntentId' | 'customerId' | 'orderId' | 'amount' | 'currency' | 'status'
> & {
  /** The charge that the object is, belongs to, or holds; null: the object stands for itself. */
  readonly transaction: string | null
}

/** The metadata key under which an app's order id travels on Stripe objects. */
export const ORDER_ID_METADATA = 'order_id'

export function objectFacts(object: Json): ObjectFacts {
  const common = commonFacts(object)
  const special = SPECIAL[text(object['object']) ?? '']
  return special === undefined ? common : { ...common, ...special(object, common) }
}

function commonFacts(object: Json): ObjectFacts {
  const charge = reference(object['charge'])
  return {
    transaction: charge,
    chargeId: charge,
    paymentIntentId: reference(object['payment_intent']),
    customerId: reference(object['customer']),
    orderId: orderIn(object),
    amount: whole(object['amount']) ?? whole(object['amount_total']),
    currency: text(object['currency']),
    status: text(object['status']),
  }
}

type Special = (object: Json, common: ObjectFacts) => Partial<ObjectFacts>

const SPECIAL: Readonly<Record<string, Special>> = {
  charge: ({ id }) => ({ transaction: text(id), chargeId: text(id) }),
  customer: ({ id }) => ({ customerId: text(id) }),
  payment_intent: intentFacts,
  invoice: invoiceFacts,
  invoice_payment: invoicePaymentFacts,
  'checkout.session': sessionFacts,
  transfer: transferFacts,
  subscription: (object, { currency }) => ({ currency: currency ?? currencyOfItems(object) }),
  payment_record: recordFacts,
  payment_attempt_record: recordFacts,
}

/** Until 2022-11-15 an intent carried its charges, the newest first; since then it names the latest. */
function intentFacts(object: Json): Partial<ObjectFacts> {
  const charges = listOf(object['charges'])
  const isPaid = (charge: Json) => charge['paid'] === true || charge['status'] === 'succeeded'
  const newestFirst = charges.toSorted((a, b) => (whole(b['created']) ?? 0) - (whole(a['created']) ?? 0))
  const held = text((newestFirst.find(isPaid) ?? newestFirst[0])?.['id'])
  return {
    transaction: held,
    chargeId: reference(object['latest_charge']) ?? held,
    paymentIntentId: text(object['id']),
  }
}

/**
 * Until 2025-03-31 an invoice named its charge and its PaymentIntent; since then its payments do, where they are shown.
 * What belongs to a subscription repeats the subscription's metadata, in one of three places.
 */
function invoiceFacts(object: Json, common: ObjectFacts): Partial<ObjectFacts> {
  const payments = listOf(object['payments'])
  const rank = (it: Json) => (it['status'] === 'paid' ? 2 : 0) + (it['is_default'] === true ? 1 : 0)
  const [best] = payments.toSorted((a, b) => rank(b) - rank(a))
  const paid = best === undefined ? null : paymentOf(best)
  const charge = common.chargeId ?? paid?.chargeId ?? null
  const due = whole(object['amount_due'])
  const amount = common.status === 'paid' ? (whole(object['amount_paid']) ?? due) : due
  return {
    transaction: charge,
    chargeId: charge,
    paymentIntentId: common.paymentIntentId ?? paid?.paymentIntentId ?? null,
    orderId: common.orderId ?? orderOfSubscription(object),
    amount: amount ?? whole(object['total']),
    // Until 2018 there was only a flag.
    status: common.status ?? (object['paid'] === true ? 'paid' : null),
  }
}

function orderOfSubscription(invoice: Json): string | null {
  const parent = objectIn(objectIn(invoice['parent'])?.['subscription_details'])
  const details = parent ?? objectIn(invoice['subscription_details'])
  const told = details === null ? null : orderIn(details)
  if (told !== null) return told
  const ofLines = new Set(listOf(invoice['lines']).map(orderIn))
  const [only = null] = ofLines
  return ofLines.size === 1 ? only : null
}

function invoicePaymentFacts(object: Json): Partial<ObjectFacts> {
  const { chargeId, paymentIntentId } = paymentOf(object)
  const amount = whole(object['amount_paid']) ?? whole(object['amount_requested'])
  return { transaction: chargeId, chargeId, paymentIntentId, amount }
}

/** `payment` names an intent or a charge, by its type. */
function paymentOf(invoicePayment: Json): Pick<ObjectFacts, 'chargeId' | 'paymentIntentId'> {
  const payment = objectIn(invoicePayment['payment'])
  const intent = payment?.['payment_intent']
  return {
    // Where the intent is shown whole, it names its charge.
    chargeId: reference(payment?.['charge']) ?? reference(objectIn(intent)?.['latest_charge']),
    paymentIntentId: reference(intent),
  }
}

/** A shop names its order in `client_reference_id` where it sets no metadata. Before 2020 a session had no total. */
function sessionFacts(object: Json, common: ObjectFacts): Partial<ObjectFacts> {
  const items = listOf(object['display_items'])
  const sum = items.reduce(
    (total, it) => total + (whole(it['amount']) ?? 0) * (whole(it['quantity']) ?? 1),
    0,
  )
  return {
    orderId: common.orderId ?? text(object['client_reference_id']),
    amount: common.amount ?? (items.length > 0 ? whole(sum) : null),
    currency: common.currency ?? text(items[0]?.['currency']),
    status: common.status ?? text(object['payment_status']),
  }
}

/** What is passed on to a seller names the payment that it came from, and is nothing of the payer's. */
function transferFacts(object: Json): Partial<ObjectFacts> {
  const source = reference(object['source_transaction'])
  const isCharge = source !== null && /^(ch|py)_/.test(source)
  return { transaction: null, chargeId: isCharge ? source : null }
}

/** A subscription had no currency of its own until 2022; its prices have, and before 2019 its plan. */
function currencyOfItems(object: Json): string | null {
  const [item] = listOf(object['items'])
  const price = objectIn(item?.['price']) ?? objectIn(item?.['plan']) ?? objectIn(object['plan'])
  return text(price?.['currency'])
}

/** Amounts of payment records are objects of their own. */
function recordFacts(object: Json): Partial<ObjectFacts> {
  const amount = objectIn(object['amount']) ?? objectIn(object['amount_requested'])
  return {
    amount: whole(amount?.['value']),
    currency: text(amount?.['currency']),
    customerId: reference(object['customer_details'] && objectIn(object['customer_details'])?.['customer']),
  }
}

function orderIn(object: Json): string | null {
  return text(objectIn(object['metadata'])?.[ORDER_ID_METADATA])
}
