/** The newest end of the log in memory. */
import { expect, test } from 'vitest'
import type { StoredEvent } from './event-store.ts'
import { createRecentEvents } from './recent-events.ts'

function at(position: number, payload = '{}'): StoredEvent {
  return {
    position,
    appId: 'app_1',
    objectId: `object-${position}`,
    eventId: `evt_${position}`,
    type: 'charge.succeeded',
    id: 'ch_1',
    objectType: 'charge',
    chargeId: 'ch_1',
    paymentIntentId: null,
    customerId: null,
    orderId: null,
    amount: null,
    currency: null,
    status: null,
    livemode: false,
    apiVersion: null,
    account: null,
    context: null,
    stripeCreated: 0,
    created: 0,
    updated: null,
    ownerId: null,
    source: 'webhook',
    flag: null,
    payload,
  }
}

const positions = (events: readonly StoredEvent[] | null) => events?.map(({ position }) => position)

test('a reader at the head, or just behind it, is answered from memory', () => {
  const recent = createRecentEvents(10)
  expect(positions(recent.after(10, 5))).toEqual([])
  for (const position of [11, 14, 15]) recent.add(at(position))
  expect(positions(recent.after(10, 5))).toEqual([11, 14, 15])
  expect(positions(recent.after(12, 1))).toEqual([14])
  expect(positions(recent.after(15, 5))).toEqual([])
})

test('a reader further back is sent to the database', () => {
  const recent = createRecentEvents(10)
  recent.add(at(11))
  expect(recent.after(9, 5)).toBeNull()
})

test('memory is bounded by the number of events', () => {
  const recent = createRecentEvents(0, { mostEvents: 4, mostCharacters: 1_000 })
  for (let position = 1; position <= 5; position++) recent.add(at(position))
  expect(recent.after(0, 10)).toBeNull()
  expect(recent.after(2, 10)).toBeNull()
  expect(positions(recent.after(3, 10))).toEqual([4, 5])
})

test('memory is bounded by the size of the payloads, even of a single one', () => {
  const recent = createRecentEvents(0, { mostEvents: 100, mostCharacters: 10 })
  recent.add(at(1, 'x'.repeat(11)))
  expect(recent.after(0, 10)).toBeNull()
  expect(positions(recent.after(1, 10))).toEqual([])
  recent.add(at(2, 'x'.repeat(4)))
  expect(positions(recent.after(1, 10))).toEqual([2])
})

test('a restart covers what comes after it', () => {
  const recent = createRecentEvents(0)
  recent.add(at(1))
  recent.restart(7)
  expect(recent.after(1, 10)).toBeNull()
  recent.add(at(8))
  expect(positions(recent.after(7, 10))).toEqual([8])
})
