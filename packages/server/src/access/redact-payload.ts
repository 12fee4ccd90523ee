/** What a client may see of an event: no client secrets, no personal data of the payer. */

/** Names whose value is taken out wherever they stand in the event. */
const HIDDEN = new Set([
  'client_secret',
  'billing_details',
  'shipping',
  'shipping_details',
  'customer_details',
  'customer_email',
  'customer_name',
  'customer_phone',
  'customer_address',
  'receipt_email',
  'receipt_url',
  'fingerprint',
  'evidence',
  'next_action',
  'fraud_details',
  'owner',
  'individual',
  'bank_account',
])

/** On a customer object these plain names are personal too. */
const HIDDEN_ON_PERSONS = new Set(['address', 'email', 'name', 'phone', 'individual_name', 'business_name'])
const PERSONS = new Set(['customer', 'person', 'account', 'card', 'source', 'checkout.session', 'tax_id'])

/** Deep copy without the hidden fields; ids, amounts, types and states stay. */
export function redactPayload(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactPayload)
  if (typeof value !== 'object' || value === null) return value
  const source = value as Record<string, unknown>
  const isPerson = typeof source['object'] === 'string' && PERSONS.has(source['object'])
  const copy: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(source)) {
    if (HIDDEN.has(name) || (isPerson && HIDDEN_ON_PERSONS.has(name))) continue
    copy[name] = redactPayload(item)
  }
  return copy
}
