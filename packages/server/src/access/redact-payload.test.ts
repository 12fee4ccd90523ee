import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  PERSONAL,
  type PersonalEvents,
  recordPersonalEvents,
} from '../../../../test/support/personal-events.ts'
import { redactPayload } from './redact-payload.ts'

describe('an event of every type that the sandbox sends', () => {
  let recorded: PersonalEvents
  beforeAll(async () => {
    recorded = await recordPersonalEvents()
  })

  test('the recording holds what must not be seen, in events of many types', () => {
    const text = JSON.stringify(recorded.events)
    expect(Object.values(PERSONAL).filter((value) => !text.includes(value))).toEqual([])
    expect(text).toContain('_secret_')
    expect(new Set(recorded.events.map(({ type }) => type)).size).toBeGreaterThan(35)
  })

  test('nothing personal and no secret is left', () => {
    for (const event of recorded.events) {
      const shown = JSON.stringify(redactPayload(event))
      const left = Object.entries(PERSONAL).filter(([, value]) => shown.includes(value))
      expect(left, `${event['type']} shows ${shown}`).toEqual([])
      expect(shown, String(event['type'])).not.toMatch(/_secret_|@|pay\.stripe\.com\/receipts/)
    }
  })

  test('ids, types, amounts, states and metadata are left as they are', () => {
    for (const event of recorded.events) {
      const before = (event['data'] as { object: Record<string, unknown> }).object
      const shown = redactPayload(event) as Record<string, unknown> & { data: { object: typeof before } }
      for (const name of ['id', 'object', 'type', 'created', 'livemode', 'api_version']) {
        expect(shown[name]).toEqual(event[name])
      }
      for (const name of [
        'id',
        'object',
        'amount',
        'currency',
        'status',
        'customer',
        'payment_intent',
        'paid',
      ]) {
        expect(shown.data.object[name]).toEqual(before[name])
      }
    }
    const payment = recorded.events.findLast(({ type }) => type === 'payment_intent.succeeded')
    expect(redactPayload(payment)).toMatchObject({ data: { object: { metadata: { order_id: 'order-42' } } } })
  })
})

/** What the sandbox does not send; names as in Stripe's reference. */
describe('an event that only Stripe sends', () => {
  const SECRET = 'hide me'
  const shown = (object: object, more: object = {}) =>
    redactPayload({ object: 'event', data: { object, ...more } })

  test.each<[string, object, object]>([
    [
      'a Checkout session',
      {
        object: 'checkout.session',
        id: 'cs_1',
        url: SECRET,
        client_secret: SECRET,
        customer_email: SECRET,
        customer_details: { name: SECRET },
        collected_information: { shipping_details: SECRET },
        custom_fields: [{ key: 'gift', text: { value: SECRET } }],
        amount_total: 5,
        total_details: { amount_shipping: 3 },
        client_reference_id: 'order-1',
      },
      {
        object: 'checkout.session',
        id: 'cs_1',
        amount_total: 5,
        total_details: { amount_shipping: 3 },
        client_reference_id: 'order-1',
      },
    ],
    [
      'an invoice',
      {
        object: 'invoice',
        customer: 'cus_1',
        customer_name: SECRET,
        customer_email: SECRET,
        customer_phone: SECRET,
        customer_address: { city: SECRET },
        customer_shipping: SECRET,
        customer_tax_ids: [SECRET],
        hosted_invoice_url: SECRET,
        invoice_pdf: SECRET,
        shipping_cost: { amount_total: 3 },
        total: 7,
      },
      { object: 'invoice', customer: 'cus_1', shipping_cost: { amount_total: 3 }, total: 7 },
    ],
    [
      'a connected account',
      {
        object: 'account',
        id: 'acct_1',
        email: SECRET,
        individual: { dob: { year: 1 } },
        company: { name: SECRET },
        external_accounts: { data: [SECRET] },
        tos_acceptance: { ip: SECRET },
        charges_enabled: true,
      },
      { object: 'account', id: 'acct_1', charges_enabled: true },
    ],
    [
      'a review',
      { object: 'review', charge: 'ch_1', ip_address: SECRET, ip_address_location: SECRET, session: SECRET },
      { object: 'review', charge: 'ch_1' },
    ],
    [
      'a mandate',
      { object: 'mandate', id: 'mandate_1', customer_acceptance: { online: SECRET }, status: 'active' },
      { object: 'mandate', id: 'mandate_1', status: 'active' },
    ],
    [
      'a new webhook endpoint',
      { object: 'webhook_endpoint', id: 'we_1', secret: SECRET, url: 'https://shop.example/hook' },
      { object: 'webhook_endpoint', id: 'we_1', url: 'https://shop.example/hook' },
    ],
    [
      'a charge with its customer and card whole',
      {
        object: 'charge',
        customer: { object: 'customer', id: 'cus_1', name: SECRET, email: SECRET, description: SECRET },
        source: {
          object: 'card',
          id: 'card_1',
          name: SECRET,
          address_line1: SECRET,
          address_line1_check: 'pass',
        },
        payment_method_details: {
          card: {
            last4: '4242',
            wallet: { type: 'masterpass', masterpass: { name: SECRET, email: SECRET } },
          },
          us_bank_account: { bank_name: 'Test Bank', account_holder_name: SECRET },
          paypal: { payer_email: SECRET, payer_name: SECRET, payer_id: SECRET },
          sepa_debit: { iban: SECRET, last4: '3000' },
        },
      },
      {
        object: 'charge',
        customer: { object: 'customer', id: 'cus_1' },
        source: { object: 'card', id: 'card_1', address_line1_check: 'pass' },
        payment_method_details: {
          card: { last4: '4242', wallet: { type: 'masterpass', masterpass: {} } },
          us_bank_account: { bank_name: 'Test Bank' },
          paypal: {},
          sepa_debit: { last4: '3000' },
        },
      },
    ],
    [
      'a product, whose name is nobody’s',
      { object: 'product', name: 'Mug' },
      { object: 'product', name: 'Mug' },
    ],
  ])('%s', (_name, object, expected) => {
    expect(shown(object)).toEqual({ object: 'event', data: { object: expected } })
  })

  test('what a customer was before the change is personal as well', () => {
    const previous_attributes = { name: SECRET, email: SECRET, description: SECRET, balance: 5 }
    expect(shown({ object: 'customer', id: 'cus_1', balance: 0 }, { previous_attributes })).toEqual({
      object: 'event',
      data: { object: { object: 'customer', id: 'cus_1', balance: 0 }, previous_attributes: { balance: 5 } },
    })
  })

  test('an address in free text goes, and the rest of the text stays', () => {
    expect(
      shown({
        object: 'charge',
        description: 'Order 7 of pat.payer+x@mail.example.com.',
        metadata: { note: 'a@b.io' },
      }),
    ).toMatchObject({
      data: { object: { description: 'Order 7 of [redacted].', metadata: { note: '[redacted]' } } },
    })
  })

  test('a client secret in an address goes', () => {
    const url = 'https://shop.example/?payment_intent_client_secret=pi_1_secret_abc&x=1'
    expect(JSON.stringify(shown({ object: 'charge', return_url: url }))).not.toContain('secret_abc')
  })

  test('the key under which a request was sent goes', () => {
    const event = { object: 'event', request: { id: 'req_1', idempotency_key: 'pat@example.com' } }
    expect(redactPayload(event)).toEqual({ object: 'event', request: { id: 'req_1' } })
  })
})

test('however deep it lies, a hidden name takes its value with it', () => {
  const hidden = fc.constantFrom(
    'client_secret',
    'email',
    'payer_email',
    'phone',
    'shipping',
    'address_city',
    'dob',
  )
  const place = fc.array(fc.constantFrom('data', 'object', 'items', 'customer', 'x'), { maxLength: 6 })
  const value = fc.constantFrom<unknown>('hide me', { text: 'hide me' }, ['hide me'])
  fc.assert(
    fc.property(place, hidden, value, fc.boolean(), (path, name, secret, inList) => {
      const inner: unknown = { [name]: secret, amount: 7 }
      const payload = path.reduce<unknown>((at, step) => ({ [step]: inList ? [at] : at }), inner)
      const text = JSON.stringify(redactPayload(payload))
      expect(text).not.toContain('hide me')
      expect(text).toContain('"amount":7')
    }),
  )
})

test('redacting twice changes nothing more, and the original stays whole', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (payload) => {
      const before = JSON.stringify(payload)
      const once = redactPayload(payload)
      expect(redactPayload(once)).toEqual(once)
      expect(JSON.stringify(payload)).toBe(before)
    }),
  )
})
