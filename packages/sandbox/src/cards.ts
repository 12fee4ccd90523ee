/** Builds card objects from what a customer typed, or from a test card's alias. */
import type Stripe from 'stripe'
import type { Call } from './api/call.ts'
import { hash, integer, required, text, unsettable } from './api/params.ts'
import { invalidRequest, StripeError } from './api/stripe-error.ts'
import { brandOf, passesLuhn } from './card-number.ts'
import { fingerprint } from './ids.ts'
import type { Hidden, Stored } from './store/stored-objects.ts'
import { type Brand, type TestCard, testCardByNumber } from './test-cards.ts'

export type StoredCard = Stored<Stripe.Card>

/** A card as a customer types it, for tokens and customers' sources. */
export const cardFields = {
  number: required(text(64)),
  exp_month: required(integer()),
  exp_year: required(integer()),
  cvc: text(64),
  name: unsettable(text()),
  address_city: unsettable(text()),
  address_country: unsettable(text()),
  address_line1: unsettable(text()),
  address_line2: unsettable(text()),
  address_state: unsettable(text()),
  address_zip: unsettable(text()),
  currency: text(3),
  networks: hash({ preferred: text() }),
}

export interface TypedCard {
  number: string
  exp_month: number
  exp_year: number
  cvc?: string | undefined
  name?: string | null | undefined
  address_city?: string | null | undefined
  address_country?: string | null | undefined
  address_line1?: string | null | undefined
  address_line2?: string | null | undefined
  address_state?: string | null | undefined
  address_zip?: string | null | undefined
}

/** A card object with what the sandbox must remember about it; not stored yet. */
export interface NewCard {
  card: StoredCard
  hidden: Hidden
}

const CARD_BRANDS: Record<Brand, string> = {
  visa: 'Visa',
  mastercard: 'MasterCard',
  amex: 'American Express',
  discover: 'Discover',
  diners: 'Diners Club',
  jcb: 'JCB',
  unionpay: 'UnionPay',
}

/** The brand as payment methods spell it. */
export function methodBrand(cardBrand: string): string {
  return Object.entries(CARD_BRANDS).find(([, name]) => name === cardBrand)?.[0] ?? 'unknown'
}

/** @throws StripeError 402 `incorrect_number`, `invalid_expiry_month`, `invalid_expiry_year`, `invalid_cvc`. */
export function cardFromInput(call: Call, typed: TypedCard): NewCard {
  const number = typed.number.replace(/[\s-]/g, '')
  const brand = brandOf(number)
  if (!/^\d{12,19}$/.test(number) || !passesLuhn(number) || !brand) {
    throw cardError('incorrect_number', 'Your card number is incorrect.', 'number')
  }
  checkExpiry(typed.exp_month, typed.exp_year, call.now)
  if (typed.cvc !== undefined && !(brand === 'amex' ? /^\d{3,4}$/ : /^\d{3}$/).test(typed.cvc)) {
    throw cardError('invalid_cvc', "Your card's security code is invalid.", 'cvc')
  }
  const testCard = testCardByNumber(number)
  const given = { ...typed, number, exp_year: fullYear(typed.exp_year) }
  return {
    card: buildCard(call, brand, given, testCard),
    hidden: { testCard: testCard?.number ?? null },
  }
}

/** A new card object each time, as Stripe makes one for `pm_card_visa` or `tok_visa`. */
export function cardFromTestCard(call: Call, testCard: TestCard): NewCard {
  const date = new Date(call.now * 1000)
  const typed = {
    number: testCard.number,
    exp_month: date.getUTCMonth() + 1,
    exp_year: date.getUTCFullYear() + 1,
  }
  return { card: buildCard(call, testCard.brand, typed, testCard), hidden: { testCard: testCard.number } }
}

/** @throws StripeError 402 when the month is none, or the card has expired. */
export function checkExpiry(month: number, year: number, now: number): void {
  if (month < 1 || month > 12) {
    throw cardError('invalid_expiry_month', "Your card's expiration month is invalid.", 'exp_month')
  }
  const today = new Date(now * 1000)
  const thisYear = today.getUTCFullYear()
  const full = fullYear(year)
  if (full < thisYear || full > thisYear + 50) {
    throw cardError('invalid_expiry_year', "Your card's expiration year is invalid.", 'exp_year')
  }
  if (full === thisYear && month < today.getUTCMonth() + 1) {
    throw cardError('invalid_expiry_month', "Your card's expiration month is invalid.", 'exp_month')
  }
}

export function fullYear(year: number): number {
  return year >= 0 && year < 100 ? 2000 + year : year
}

function buildCard(call: Call, brand: Brand, typed: TypedCard, testCard: TestCard | undefined): StoredCard {
  return {
    id: call.newId('card_1'),
    object: 'card',
    address_city: typed.address_city ?? null,
    address_country: typed.address_country ?? null,
    address_line1: typed.address_line1 ?? null,
    address_line1_check: typed.address_line1 ? 'unchecked' : null,
    address_line2: typed.address_line2 ?? null,
    address_state: typed.address_state ?? null,
    address_zip: typed.address_zip ?? null,
    address_zip_check: typed.address_zip ? 'unchecked' : null,
    allow_redisplay: 'unspecified',
    brand: CARD_BRANDS[brand],
    country: brand === 'jcb' ? 'JP' : brand === 'unionpay' ? 'CN' : 'US',
    customer: null,
    cvc_check: typed.cvc === undefined ? null : 'unchecked',
    dynamic_last4: null,
    exp_month: typed.exp_month,
    exp_year: typed.exp_year,
    fingerprint: fingerprint(typed.number),
    funding: testCard?.funding ?? 'credit',
    last4: typed.number.slice(-4),
    metadata: {},
    name: typed.name ?? null,
    networks: { preferred: null },
    regulated_status: 'unregulated',
    tokenization_method: null,
  }
}

function cardError(code: string, message: string, param: string): StripeError {
  return new StripeError(402, { type: 'card_error', code, message, param })
}

/** @throws StripeError 400 for a form that mixes a typed card with a token. */
export function refuseBoth(first: unknown, second: unknown, names: [string, string]): void {
  if (first === undefined || second === undefined) return
  throw invalidRequest(`You may only specify one of these parameters: ${names.join(', ')}.`, {
    code: 'parameters_exclusive',
    param: names[1],
  })
}
