import { describe, expect, test } from 'vitest'
import { aStoredEvent } from '../../../../test/support/an-event.ts'
import { toStripeEventRow } from '../store/stripe-event-row.ts'
import { createPublication } from './publication.ts'

const event = aStoredEvent(7, { chargeId: 'ch_1', orderId: 'order-1', receivedAt: 1_795_289_067_260 })
const publication = createPublication(event)

const headers = {
  id: 'ch_1',
  type: 'charge.succeeded',
  eventId: event.eventId,
  objectType: 'charge',
  chargeId: 'ch_1',
  paymentIntentId: 'pi_1',
  customerId: 'cus_1',
  orderId: 'order-1',
  amount: '1999',
  currency: 'usd',
  status: 'succeeded',
  livemode: 'false',
  apiVersion: '2026-10-28.endive',
}

describe('the Backendless message', () => {
  test('has every field of the wire, the Stripe event in message, and headers that are strings', () => {
    expect(JSON.parse(publication.messageJson('full'))).toEqual({
      messageId: `message:${event.objectId}`,
      timestamp: 1_795_289_067_260,
      message: JSON.parse(event.payload),
      publisherId: null,
      subtopic: null,
      pushSinglecast: null,
      pushBroadcast: null,
      publishPolicy: null,
      templateValues: null,
      query: null,
      publishAt: 0,
      repeatEvery: 0,
      repeatExpiresAt: 0,
      headers,
    })
  })
})

describe('the row', () => {
  test('has every column, its class, and milliseconds for times', () => {
    expect(JSON.parse(publication.rowJson('full'))).toEqual({
      ___class: 'StripeEvents',
      objectId: event.objectId,
      created: 1_795_289_067_260,
      updated: null,
      ownerId: null,
      ...headers,
      amount: 1999,
      livemode: false,
      account: null,
      payload: JSON.parse(event.payload),
    })
  })
})

test('the row is the one that REST answers, in both views, whatever names the metadata holds', () => {
  const names = JSON.stringify({
    metadata: { ___class: 'com.backendless.persistence.Point', __subID: '1', kept: 'x' },
  })
  const payload = event.payload.replace('{', `{"extra":${names},`)
  for (const stored of [event, { ...event, payload }]) {
    for (const view of ['full', 'redacted'] as const) {
      const row = JSON.parse(createPublication(stored).rowJson(view))
      expect(row).toEqual(toStripeEventRow(stored, { payloads: view }))
    }
  }
})

describe('the stream frame', () => {
  test('is one id line and one data line, whatever line breaks the payload has', () => {
    const [id, data, ...rest] = publication.streamFrame('full').toString().split('\n')
    expect(id).toBe('id: 7')
    expect(JSON.parse(data?.replace('data: ', '') ?? '')).toEqual({
      position: 7,
      channel: 'stripe',
      messageId: `message:${event.objectId}`,
      timestamp: 1_795_289_067_260,
      headers,
      message: JSON.parse(event.payload),
    })
    expect(rest).toEqual(['', ''])
  })
})

test('the redacted view shows no personal data in any form, and keeps ids and amounts', () => {
  for (const json of [
    publication.messageJson('redacted'),
    publication.rowJson('redacted'),
    publication.streamFrame('redacted').toString(),
  ]) {
    expect(json).not.toContain('payer@example.com')
    expect(json).not.toContain('Pat Payer')
    expect(json).toContain('"amount":1999')
    expect(json).toContain('"id":"ch_1"')
  }
})

test('each form is made once and shared', () => {
  expect(publication.messageJson('full')).toBe(publication.messageJson('full'))
  expect(publication.streamFrame('redacted')).toBe(publication.streamFrame('redacted'))
})
