import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  PERSONAL,
  type PersonalEvents,
  recordPersonalEvents,
} from '../../../../test/support/personal-events.ts'
import { eventFacts } from '../stripe/event-facts.ts'
import { stripPayload } from './strip-payload.ts'

let recorded: PersonalEvents
beforeAll(async () => {
  recorded = await recordPersonalEvents()
})
const stripped = (event: unknown) => stripPayload(JSON.stringify(event))

describe('an event of every type that the sandbox sends', () => {
  test('nothing that somebody wrote is left, and no secret', () => {
    for (const event of recorded.events) {
      const text = stripped(event)
      const left = Object.entries(PERSONAL).filter(([, value]) => text.includes(value))
      expect(left, `${event['type']} keeps ${text}`).toEqual([])
      expect(text, String(event['type'])).not.toMatch(/_secret_|@|4242|https?:|moved|crm-7|fair/)
    }
  })

  test('every fact that we query by is left', () => {
    for (const event of recorded.events) {
      expect(eventFacts(JSON.parse(stripped(event)))).toEqual(eventFacts(event))
    }
  })

  test('every amount is left', () => {
    const amounts = (value: unknown): unknown[] =>
      typeof value !== 'object' || value === null
        ? []
        : Object.entries(value).flatMap(([name, item]) =>
            /^amount/.test(name) && typeof item === 'number' ? [[name, item]] : amounts(item),
          )
    for (const event of recorded.events) expect(amounts(JSON.parse(stripped(event)))).toEqual(amounts(event))
  })
})

test('an order id stays as it is written, other metadata goes', () => {
  const metadata = { order_id: 'Order #7 / 2026', customer_note: 'for Pat', mail: 'x' }
  expect(JSON.parse(stripped({ data: { object: { metadata } } }))).toEqual({
    data: { object: { metadata: { order_id: 'Order #7 / 2026' } } },
  })
})

test('a thin event keeps what it refers to', () => {
  const thin = {
    id: 'evt_test_1',
    object: 'v2.core.event',
    type: 'v1.billing.meter.error_report_triggered',
    created: '2026-11-21T11:59:58.000Z',
    context: 'acct_1/acct_2',
    related_object: { id: 'pi_9', type: 'payment_intent', url: '/v1/payment_intents/pi_9' },
  }
  const { url: _url, ...related_object } = thin.related_object
  expect(JSON.parse(stripped(thin))).toEqual({ ...thin, related_object })
})

test('free text in the place of a state goes', () => {
  const object = { status: 'paid by Pat Payer', reason: 'pat@example.com', description: 'x', currency: 'usd' }
  expect(JSON.parse(stripped({ object }))).toEqual({ object: { currency: 'usd' } })
})

test('stripping twice changes nothing more', () => {
  for (const event of recorded.events) expect(stripPayload(stripped(event))).toBe(stripped(event))
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (payload) => {
      const once = stripped(payload)
      expect(stripPayload(once)).toBe(once)
    }),
  )
})
