import { expect, test } from 'vitest'
import { aStoredEvent } from '../../../../test/support/an-event.ts'
import { stripeEventColumns } from './event-columns.ts'
import type { StoredEvent } from './event-store.ts'
import { toStripeEventRow } from './stripe-event-row.ts'

const event = (object: object): StoredEvent => ({
  ...aStoredEvent(7, { receivedAt: 1_795_289_067_260 }),
  payload: JSON.stringify({ id: 'evt_1', object: 'event', data: { object } }),
})

const charge = {
  id: 'ch_1',
  object: 'charge',
  receipt_email: 'ada@example.com',
  billing_details: { name: 'Ada' },
}

test('a row carries its class, every column, and nothing of ours besides', () => {
  const row = toStripeEventRow(event(charge), { payloads: 'full' })
  expect(Object.keys(row).sort()).toEqual(['___class', ...Object.keys(stripeEventColumns)].sort())
  expect(row).toMatchObject({
    ___class: 'StripeEvents',
    created: 1_795_289_067_260,
    updated: null,
    ownerId: null,
    payload: { data: { object: charge } },
  })
})

test('a redacted row has the payload without personal data', () => {
  const row = toStripeEventRow(event(charge), { payloads: 'redacted' })
  expect(row['payload']).toEqual({
    id: 'evt_1',
    object: 'event',
    data: { object: { id: 'ch_1', object: 'charge' } },
  })
})

test('a projection has its columns and the class alone', () => {
  const row = toStripeEventRow(event(charge), { columns: ['objectId', 'type'], payloads: 'full' })
  expect(Object.keys(row)).toEqual(['___class', 'objectId', 'type'])
})

test('metadata cannot make an SDK build objects of its own classes', () => {
  const metadata = {
    ___class: 'com.backendless.persistence.Point',
    __subID: '1',
    __originSubID: '1',
    colour: 'red',
  }
  const row = toStripeEventRow(event({ ...charge, metadata }), { payloads: 'full' })
  expect(row['payload']).toMatchObject({ data: { object: { metadata: { colour: 'red' } } } })
  expect(JSON.stringify(row['payload'])).not.toMatch(/___class|__subID|__originSubID/)
})
