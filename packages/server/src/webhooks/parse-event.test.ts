/** The shape of what was signed. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseEvent } from './parse-event.ts'

const snapshot = { object: 'event', id: 'evt_1', type: 'charge.succeeded', data: { object: { id: 'ch_1' } } }
const thin = { object: 'v2.core.event', id: 'evt_2', type: 'v1.billing.meter.no_meter_found' }

test.each([
  ['a snapshot event', snapshot],
  ['a thin event, which carries no object', thin],
  ['an event of a type that is yet to come', { ...snapshot, type: 'toaster.popped' }],
])('%s is read', (_name, body) => {
  expect(parseEvent(JSON.stringify(body))).toEqual({ ok: true, event: body })
})

test.each([
  ['nothing', '', /not JSON/],
  ['text', 'hello', /not JSON/],
  ['cut off JSON', '{"object":"event"', /not JSON/],
  ['null', 'null', /is null/],
  ['an array', JSON.stringify([snapshot]), /an array/],
  ['a number', '42', /a number/],
  ['a string', '"event"', /a string/],
  ['true', 'true', /a boolean/],
  ['no kind', '{}', /object is neither/],
  ['another object of Stripe', JSON.stringify({ ...snapshot, object: 'charge' }), /object is neither/],
  ['no id', JSON.stringify({ ...snapshot, id: undefined }), /field id/],
  ['an empty id', JSON.stringify({ ...snapshot, id: '' }), /field id/],
  ['an endless id', JSON.stringify({ ...snapshot, id: 'x'.repeat(256) }), /field id/],
  ['a numeric type', JSON.stringify({ ...snapshot, type: 7 }), /field type/],
  ['no data', JSON.stringify({ ...snapshot, data: undefined }), /data\.object/],
  ['data without an object', JSON.stringify({ ...snapshot, data: { object: null } }), /data\.object/],
  ['a thin event without a type', JSON.stringify({ ...thin, type: null }), /field type/],
])('%s is refused', (_name, text, reason) => {
  expect(parseEvent(text)).toEqual({ ok: false, reason: expect.stringMatching(reason) })
})

test('no JSON value makes it throw', () => {
  fc.assert(fc.property(fc.json(), (text) => void parseEvent(text)))
})
