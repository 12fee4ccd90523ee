import { describe, expect, test } from 'vitest'
import { eventShapes } from '../../../../test/support/event-shapes.ts'
import { eventFacts } from './event-facts.ts'

function paymentEvent(object: object) {
  return {
    id: 'evt_1',
    object: 'event',
    type: 'payment_intent.succeeded',
    created: 1_795_289_067,
    livemode: false,
    api_version: '2026-10-28.clover',
    data: { object: { id: 'pi_1', object: 'payment_intent', amount: 1999, currency: 'usd', ...object } },
  }
}

describe('the columns of an event', () => {
  test('say what its object is, and which charge, payment, customer and order it belongs to', () => {
    const object = {
      latest_charge: { id: 'ch_1', object: 'charge' },
      customer: 'cus_1',
      status: 'succeeded',
      metadata: { order_id: 'order-17' },
    }
    expect(eventFacts(paymentEvent(object))).toEqual({
      account: null,
      context: null,
      eventId: 'evt_1',
      type: 'payment_intent.succeeded',
      stripeCreated: 1_795_289_067,
      id: 'pi_1',
      objectType: 'payment_intent',
      chargeId: 'ch_1',
      paymentIntentId: 'pi_1',
      customerId: 'cus_1',
      orderId: 'order-17',
      amount: 1999,
      currency: 'usd',
      status: 'succeeded',
      livemode: false,
      apiVersion: '2026-10-28.clover',
    })
  })

  test.each([
    ['a NUL', 'order\0 17'],
    ['half of a surrogate pair', 'order \ud83d'],
  ])('leave out a text with %s, which no two stores keep alike', (_name, text) => {
    const facts = eventFacts(paymentEvent({ status: text, customer: text, metadata: { order_id: text } }))
    expect(facts).toMatchObject({ id: 'pi_1', orderId: null, status: null, customerId: null })
  })
})

const createdOf = (created: unknown) =>
  eventFacts({ id: 'evt_1', type: 'charge.succeeded', created, data: { object: { id: 'ch_1' } } })
    .stripeCreated

test('the time of an event is whole seconds, by number or by ISO date', () => {
  expect(createdOf(1_795_289_067)).toBe(1_795_289_067)
  expect(createdOf(1.9)).toBe(1)
  expect(createdOf('2026-11-21T10:00:00.500Z')).toBe(1_795_255_200)
})

test.each([1e300, -1e300, 2 ** 53, 'yesterday', null, undefined, {}])(
  'a time that no column holds (%s) counts as none, and keeps no event out',
  (created) => expect(createdOf(created)).toBe(0),
)

describe('the columns know the shapes of every API version', () => {
  test.each(eventShapes.map((it) => [it.type, it.version, it] as const))('%s of %s', (type, version, it) => {
    const event = {
      id: 'evt_1',
      object: 'event',
      type,
      created: 1,
      api_version: version,
      data: { object: it.object },
    }
    expect(eventFacts(event)).toMatchObject({ ...it.columns, type, apiVersion: version })
  })

  test('a thin event names a charge by either of its prefixes', () => {
    const thin = (id: string) => ({
      id: 'evt_1',
      object: 'v2.core.event',
      type: 'v1.charge.updated',
      created: '2026-11-21T10:00:00Z',
      related_object: { id, type: 'charge' },
    })
    expect(eventFacts(thin('py_1'))).toMatchObject({ id: 'py_1', chargeId: 'py_1' })
    expect(eventFacts(thin('pi_1'))).toMatchObject({ id: 'pi_1', paymentIntentId: 'pi_1', chargeId: null })
  })
})
