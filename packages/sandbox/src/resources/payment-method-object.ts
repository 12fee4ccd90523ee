/** Builds payment method objects, and finds the one that a request names. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { billingDetailsOf, billingDetailsParam, otherMethodTypes } from '../api/common-params.ts'
import {
  hash,
  ignored,
  integer,
  metadata,
  oneOf,
  type Parsed,
  required,
  text,
  unsettable,
} from '../api/params.ts'
import { invalidRequest, missingParam, noSuch, StripeError } from '../api/stripe-error.ts'
import {
  cardFromInput,
  cardFromTestCard,
  methodBrand,
  type NewCard,
  refuseBoth,
  type StoredCard,
} from '../cards.ts'
import { fingerprint } from '../ids.ts'
import type { Hidden, Stored } from '../store/stored-objects.ts'
import { testCardByPaymentMethod } from '../test-cards.ts'
import { redeemToken } from './tokens.ts'

export type PaymentMethod = Stored<Stripe.PaymentMethod>

/** A payment method as `payment_methods` and the intents' `payment_method_data` take it. */
export const methodFields = {
  ...otherMethodTypes,
  allow_redisplay: oneOf('always', 'limited', 'unspecified'),
  billing_details: billingDetailsParam,
  card: hash({
    number: text(64),
    exp_month: integer(),
    exp_year: integer(),
    cvc: text(64),
    token: text(),
    networks: hash({ preferred: unsettable(text()) }),
  }),
  metadata: metadata(),
  radar_options: ignored(),
  sepa_debit: hash({ iban: required(text(64)) }),
  type: text(),
}

type MethodInput = Parsed<typeof methodFields>

/**
 * Makes and stores a new payment method; `at` is the name of the parameter it came in, '' at the top.
 * @throws StripeError for card numbers, tokens and types that cannot be used.
 */
export function createPaymentMethod(call: Call, input: MethodInput, at: string): PaymentMethod {
  const name = (field: string): string => (at ? `${at}[${field.split('[')[0]}]${tail(field)}` : field)
  const type = input.type
  if (type === undefined) throw missingParam(name('type'))
  let method: PaymentMethod
  let hidden: Hidden
  if (type === 'card') {
    const source = cardOf(call, input, name)
    method = methodFromCard(source.card, call.newId('pm_1'), call.now)
    hidden = source.hidden
  } else if (type === 'sepa_debit') {
    if (!input.sepa_debit) throw missingParam(name('sepa_debit'))
    ;({ method, hidden } = sepaDebit(call, input.sepa_debit.iban, name('sepa_debit[iban]')))
  } else {
    throw invalidRequest(
      `The payment method type "${type}" is not available in this sandbox: use card or sepa_debit.`,
      { code: 'payment_method_unsupported_type', param: name('type') },
    )
  }
  const stored: PaymentMethod = {
    ...method,
    allow_redisplay: input.allow_redisplay ?? 'unspecified',
    billing_details: billingDetailsOf(input.billing_details, method.billing_details),
    metadata: input.metadata ?? {},
  }
  call.store.put(stored, hidden)
  return stored
}

/**
 * The payment method of this id, a new one for an alias such as `pm_card_visa`, or the view of a
 * customer's `card_…` as a payment method.
 * @throws StripeError 404 `resource_missing`.
 */
export function findPaymentMethod(call: Call, id: string, param: string): PaymentMethod {
  const alias = testCardByPaymentMethod(id)
  if (alias) {
    const { card, hidden } = cardFromTestCard(call, alias)
    const method = methodFromCard(card, call.newId('pm_1'), call.now)
    call.store.put(method, hidden)
    return method
  }
  const method = call.store.get('payment_method', id)
  if (method) return method
  const card = call.store.get('card', id)
  if (card) return methodFromCard(card, card.id, call.now)
  throw noSuch('PaymentMethod', id, param)
}

/** The method that an intent's `payment_method` or `payment_method_data` asks for, if any. */
export function requestedPaymentMethod(
  call: Call,
  params: { payment_method?: string | undefined; payment_method_data?: MethodInput | undefined },
): PaymentMethod | undefined {
  const { payment_method: id, payment_method_data: data } = params
  refuseBoth(id, data, ['payment_method', 'payment_method_data'])
  if (data) return createPaymentMethod(call, data, 'payment_method_data')
  return id === undefined ? undefined : findPaymentMethod(call, id, 'payment_method')
}

/** A card in the form of a payment method. */
export function methodFromCard(card: StoredCard, id: string, created: number): PaymentMethod {
  const brand = methodBrand(card.brand)
  return {
    id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: billingDetailsOf({
      address: {
        city: card.address_city,
        country: card.address_country,
        line1: card.address_line1,
        line2: card.address_line2,
        postal_code: card.address_zip,
        state: card.address_state,
      },
      email: null,
      name: card.name,
      phone: null,
      tax_id: undefined,
    }),
    card: {
      brand,
      checks: {
        address_line1_check: card.address_line1_check,
        address_postal_code_check: card.address_zip_check,
        cvc_check: card.cvc_check,
      },
      country: card.country,
      display_brand: DISPLAY_BRANDS[brand] ?? brand,
      exp_month: card.exp_month,
      exp_year: card.exp_year,
      fingerprint: card.fingerprint ?? null,
      funding: card.funding,
      generated_from: null,
      last4: card.last4,
      networks: { available: [brand], preferred: null },
      regulated_status: card.regulated_status,
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created,
    customer: card.customer ?? null,
    customer_account: null,
    livemode: false,
    metadata: card.metadata,
    type: 'card',
  }
}

const DISPLAY_BRANDS: Record<string, string> = {
  amex: 'american_express',
  diners: 'diners_club',
  unionpay: 'union_pay',
}

function cardOf(call: Call, input: MethodInput, name: (field: string) => string): NewCard {
  const card = input.card
  if (!card) throw missingParam(name('card'))
  refuseBoth(card.token, card.number, [name('card[token]'), name('card[number]')])
  if (card.token !== undefined) return redeemToken(call, card.token, name('card[token]'))
  const { number, exp_month, exp_year, cvc } = card
  if (number === undefined) throw missingParam(name('card[number]'))
  if (exp_month === undefined) throw missingParam(name('card[exp_month]'))
  if (exp_year === undefined) throw missingParam(name('card[exp_year]'))
  return cardFromInput(call, { number, exp_month, exp_year, cvc })
}

// Of Stripe's published test accounts, this one's debits fail.
const FAILING_IBAN = /^AT86190430023547320[23]$/

function sepaDebit(call: Call, given: string, param: string): { method: PaymentMethod; hidden: Hidden } {
  const iban = given.replace(/\s/g, '').toUpperCase()
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) {
    throw new StripeError(400, {
      type: 'invalid_request_error',
      code: 'invalid_bank_account_iban',
      message: 'The IBAN you provided is invalid.',
      param,
    })
  }
  return {
    method: {
      id: call.newId('pm_1'),
      object: 'payment_method',
      billing_details: billingDetailsOf(undefined),
      created: call.now,
      customer: null,
      customer_account: null,
      livemode: false,
      metadata: {},
      sepa_debit: {
        bank_code: iban.slice(4, 9),
        branch_code: '',
        country: iban.slice(0, 2),
        fingerprint: fingerprint(iban),
        generated_from: { charge: null, setup_attempt: null },
        last4: iban.slice(-4),
      },
      type: 'sepa_debit',
    },
    hidden: { debitFails: FAILING_IBAN.test(iban) },
  }
}

function tail(field: string): string {
  const bracket = field.indexOf('[')
  return bracket < 0 ? '' : field.slice(bracket)
}
