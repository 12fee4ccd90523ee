/** Parameters that several resources share, and the objects they become. */
import type Stripe from 'stripe'
import { hash, ignored, type Param, type Parsed, text, unsettable } from './params.ts'

const addressShape = {
  city: unsettable(text()),
  country: unsettable(text()),
  line1: unsettable(text()),
  line2: unsettable(text()),
  postal_code: unsettable(text()),
  state: unsettable(text()),
}

export const addressParam = hash(addressShape)

export const shippingParam = hash({
  address: addressParam,
  carrier: unsettable(text()),
  name: text(),
  phone: unsettable(text()),
  tracking_number: unsettable(text()),
})

export const billingDetailsParam = hash({
  address: unsettable(addressParam),
  email: unsettable(text()),
  name: unsettable(text()),
  phone: unsettable(text()),
  tax_id: text(),
})

export function addressOf(given: Parsed<typeof addressShape>): Stripe.Address {
  const { city, country, line1, line2, postal_code, state } = given
  return {
    city: city ?? null,
    country: country ?? null,
    line1: line1 ?? null,
    line2: line2 ?? null,
    postal_code: postal_code ?? null,
    state: state ?? null,
  }
}

export function shippingOf(given: ReturnType<typeof shippingParam.read>): Stripe.PaymentIntent.Shipping {
  return {
    ...(given.address && { address: addressOf(given.address) }),
    carrier: given.carrier ?? null,
    ...(given.name !== undefined && { name: given.name }),
    phone: given.phone ?? null,
    tracking_number: given.tracking_number ?? null,
  }
}

/** The billing details after an update by `given`. */
export function billingDetailsOf(
  given: ReturnType<typeof billingDetailsParam.read> | undefined,
  before?: Stripe.PaymentMethod.BillingDetails,
): Stripe.PaymentMethod.BillingDetails {
  const set = <T>(value: T | null | undefined, old: T | null | undefined): T | null =>
    value === undefined ? (old ?? null) : value
  return {
    address: set(given?.address && addressOf(given.address), before?.address) ?? {
      city: null,
      country: null,
      line1: null,
      line2: null,
      postal_code: null,
      state: null,
    },
    email: set(given?.email, before?.email),
    name: set(given?.name, before?.name),
    phone: set(given?.phone, before?.phone),
    tax_id: set(given?.tax_id, before?.tax_id),
  }
}

/** Metadata after an update: empty values remove their key, null (an empty `metadata`) removes all. */
export function mergeMetadata(
  before: Record<string, string> | null,
  given: Record<string, string> | null | undefined,
): Record<string, string> {
  if (given === undefined) return before ?? {}
  if (given === null) return {}
  const merged = { ...before, ...given }
  for (const [key, value] of Object.entries(given)) if (value === '') delete merged[key]
  return merged
}

/** Every payment method type that Stripe names and this sandbox only knows by name. */
const OTHER_METHOD_TYPES = [
  ...([
    'acss_debit',
    'affirm',
    'afterpay_clearpay',
    'alipay',
    'alma',
    'amazon_pay',
    'au_becs_debit',
  ] as const),
  ...(['bacs_debit', 'bancontact', 'billie', 'bizum', 'blik', 'boleto', 'cashapp', 'crypto'] as const),
  ...(['customer_balance', 'eps', 'fpx', 'giropay', 'grabpay', 'ideal', 'interac_present'] as const),
  ...(['kakao_pay', 'klarna', 'konbini', 'kr_card', 'link', 'mb_way', 'mobilepay', 'multibanco'] as const),
  ...(['naver_pay', 'nz_bank_account', 'oxxo', 'p24', 'pay_by_bank', 'payco', 'paynow', 'paypal'] as const),
  ...(['paypay', 'payto', 'pix', 'promptpay', 'revolut_pay', 'samsung_pay', 'satispay'] as const),
  ...(['scalapay', 'sequra', 'sofort', 'sunbit', 'swish', 'twint', 'upi'] as const),
  ...(['us_bank_account', 'wechat_pay', 'zip'] as const),
]

export const otherMethodTypes = Object.fromEntries(
  OTHER_METHOD_TYPES.map((type) => [type, ignored()]),
) as Record<(typeof OTHER_METHOD_TYPES)[number], Param<unknown>>
