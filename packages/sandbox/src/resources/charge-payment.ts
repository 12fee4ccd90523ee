/** Charges a payment method: stores the charge, books it, and records its events. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { docUrl, type StripeErrorBody } from '../api/stripe-error.ts'
import { type Decline, declineOf, NOT_A_TEST_CARD, type TestCard, testCardByNumber } from '../test-cards.ts'
import { book, processingFee } from './balance-transaction-object.ts'
import { buildCharge, type Charge, type ChargeTerms, outcomeOf } from './charge-object.ts'
import type { PaymentMethod } from './payment-method-object.ts'

/** The test card behind a payment method; null for a bank debit, or a number that is no test card. */
export function testCardOf(call: Call, method: PaymentMethod): TestCard | null {
  return testCardByNumber(call.store.hidden(method.id).testCard ?? '') ?? null
}

/** How charging this method ends, before any authentication. */
export function declineFor(method: PaymentMethod, testCard: TestCard | null): Decline | undefined {
  return method.type === 'card' ? declineOf(testCard) : undefined
}

/** Why saving this method for later would fail, as the bank is asked when a card is attached. */
export function saveDeclineFor(method: PaymentMethod, testCard: TestCard | null): Decline | undefined {
  if (method.type !== 'card') return undefined
  if (!testCard) return NOT_A_TEST_CARD
  return testCard.savesAnyway ? undefined : testCard.decline
}

export interface ChargeOrder {
  terms: ChargeTerms
  method: PaymentMethod
  decline?: Decline | undefined
  authenticated?: boolean
  /** Books the payment after the answer, as `capture_method: automatic_async` does. */
  bookLater?: boolean
}

/** Stores the charge with `charge.succeeded` or `charge.failed`, and starts what its test card brings. */
export function chargePayment(call: Call, order: ChargeOrder): Charge {
  const { terms, method, decline, authenticated = false } = order
  const testCard = testCardOf(call, method)
  const built = buildCharge(call, terms, { method, testCard, decline, authenticated })
  if (decline) {
    call.store.put(built)
    call.record('charge.failed', built)
    return built
  }
  const bookNow = built.captured && !order.bookLater
  const charge: Charge = bookNow
    ? { ...built, balance_transaction: bookCharge(call, built, built.amount) }
    : built
  call.store.put(charge)
  call.record('charge.succeeded', charge)
  if (charge.captured && order.bookLater) call.later('attach_balance_transaction', charge.id, 0)
  if (testCard?.dispute && charge.captured) call.later('dispute_charge', charge.id, 0)
  return charge
}

/** Captures all or part of an authorized charge; what is not captured is released. */
export function captureCharge(call: Call, charge: Charge, amount: number): Charge {
  const captured: Charge = {
    ...charge,
    amount_captured: amount,
    amount_refunded: charge.amount - amount,
    balance_transaction: bookCharge(call, charge, amount),
    captured: true,
  }
  call.store.put(captured)
  call.record('charge.captured', captured, charge)
  const method = charge.payment_method
  const testCard = method ? testCardByNumber(call.store.hidden(method).testCard ?? '') : undefined
  if (testCard?.dispute) call.later('dispute_charge', charge.id, 0)
  return captured
}

/** Books a captured charge and returns the transaction's id. */
export function bookCharge(call: Call, charge: Charge, amount: number): string {
  const card = charge.payment_method_details?.type === 'card'
  const testCard = testCardByNumber(call.store.hidden(charge.payment_method ?? '').testCard ?? '')
  return book(call, {
    amount,
    currency: charge.currency,
    source: charge.id,
    type: card ? 'charge' : 'payment',
    reportingCategory: 'charge',
    description: charge.description,
    fee: processingFee(amount),
    fundsAtOnce: testCard?.fundsAtOnce ?? false,
  }).id
}

/** Timer: the booking of an asynchronously captured charge arrives. */
export function attachBalanceTransaction(call: Call, chargeId: string): void {
  const charge = call.store.get('charge', chargeId)
  if (!charge || charge.balance_transaction !== null) return
  const booked = { ...charge, balance_transaction: bookCharge(call, charge, charge.amount_captured) }
  call.store.put(booked)
  call.record('charge.updated', booked, charge)
}

/** The error body of a decline, as the API answers it and intents keep it. */
export function declineError(
  call: Call,
  decline: Decline,
  details: { charge?: Charge; method?: PaymentMethod } = {},
): StripeErrorBody {
  const { charge, method } = details
  const advice = decline.blocked
    ? null
    : outcomeOf({ decline, testCard: null, method: method as PaymentMethod }).advice_code
  return {
    ...(advice && { advice_code: advice }),
    ...(charge && { charge: charge.id }),
    code: decline.code,
    decline_code: decline.declineCode,
    doc_url: docUrl(decline.code),
    message: decline.message,
    ...(method && { payment_method: method as Stripe.PaymentMethod }),
    request_log_url: call.requestLogUrl,
    type: 'card_error',
  }
}
