/** What a client may see of an event: no secrets, no personal data of the payer. Ids, amounts and states stay. */

/** Names whose value is taken out wherever they stand in an event. */
const HIDDEN = new Set([
  // Secrets, and links that open without a password.
  'next_action',
  'receipt_url',
  'hosted_invoice_url',
  'hosted_voucher_url',
  'hosted_verification_url',
  'invoice_pdf',
  'recovery',
  'idempotency_key',
  'fingerprint',
  'api_key',
  'token',
  'access_token',
  'refresh_token',
  // Who pays.
  'billing_details',
  'shipping',
  'shipping_details',
  'customer_shipping',
  'line1',
  'line2',
  'postal_code',
  'customer_details',
  'payer_details',
  'collected_information',
  'custom_fields',
  'evidence',
  'fraud_details',
  'owner',
  'individual',
  'company',
  'representative',
  'external_accounts',
  'bank_account',
  'tos_acceptance',
  'customer_acceptance',
  'verified_outputs',
  'cashtag',
  'buyer_id',
  'payer_id',
  'dob',
  'iban',
  'account_number',
  'routing_number',
  'sort_code',
  'id_number',
  'ssn_last_4',
  'tax_id',
  'tax_ids',
  'tax_id_data',
  'customer_tax_ids',
  'user_agent',
  'session',
])

/** Parts of names that say personal data or a secret, in whatever object they stand: `payer_email`, `address_line1`. */
const HIDDEN_PART = /(^|_)(secret|e?mail|phone|address|ip)(_|$)/
/** `cardholder_name`, `account_holder_name`, `customer_name`: people; `bank_name` and a product's `name` are not. */
const PERSON_NAME =
  /(^|_)(first|last|maiden|full|given|family|legal|holder|cardholder|individual|customer|payer|buyer|recipient|verified)_name(_|$)/
/** The outcome of a check (`address_line1_check: "pass"`) names no address. */
const CHECK = /_check$/

/** On an object that is a person, or belongs to one, these plain names are personal too. */
const HIDDEN_ON_PERSONS = new Set(['name', 'business_name', 'description', 'nickname', 'url', 'settings'])
const PERSONS = new Set([
  'customer',
  'person',
  'account',
  'card',
  'source',
  'bank_account',
  'checkout.session',
  'tax_id',
  'identity.verification_session',
])

/** Parts of a wallet that hold the name of its owner. */
const PERSONAL_PARTS = new Set(['masterpass', 'visa_checkout'])

/** People write addresses into descriptions and metadata, so text is looked at as well. */
const EMAIL = /[^\s@<>"'(),;:]+@[^\s@<>"'(),;:]+\.[^\s@<>"'(),;:.]+/gu
const CLIENT_SECRET = /\b\w+_secret_\w+/g

/** Deep copy of a Stripe event, or of any part of one, without the hidden fields. */
export function redactPayload(value: unknown): unknown {
  return redact(value, null)
}

/** @param kind what `object` would say, where the value belongs to an object and does not say so itself. */
function redact(value: unknown, kind: unknown): unknown {
  if (typeof value === 'string') return redactText(value)
  if (Array.isArray(value)) return value.map((item) => redact(item, null))
  if (!isJson(value)) return value
  const ownKind = value['object'] ?? kind
  const isPerson = typeof ownKind === 'string' && PERSONS.has(ownKind)
  const copy: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    if (isHidden(name) || (isPerson && HIDDEN_ON_PERSONS.has(name))) continue
    copy[name] = redact(item, kindOfPart(name, value))
  }
  return copy
}

function kindOfPart(name: string, { object }: Json): unknown {
  if (PERSONAL_PARTS.has(name)) return 'person'
  // In an event's data: what the object was before the change is of its kind.
  return name === 'previous_attributes' && isJson(object) ? object['object'] : null
}

function isHidden(name: string): boolean {
  if (HIDDEN.has(name)) return true
  return (HIDDEN_PART.test(name) || PERSON_NAME.test(name)) && !CHECK.test(name)
}

type Json = Readonly<Record<string, unknown>>

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function redactText(text: string): string {
  // Most texts are ids and states, which hold neither.
  if (!text.includes('@') && !text.includes('_secret_')) return text
  return text.replace(EMAIL, '[redacted]').replace(CLIENT_SECRET, '[redacted]')
}
