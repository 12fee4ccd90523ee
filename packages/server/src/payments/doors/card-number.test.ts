import { expect, test } from 'vitest'
import { findCardNumber } from './card-number.ts'

test.each([
  '4242424242424242',
  '4242-4242-4242-4242',
  'please charge 5555 5555 5555 4444, thanks',
  '378282246310005',
  '4242  4242  4242  4242',
  '4242\u00a04242\u00a04242\u00a04242',
  '4242\u20134242\u20134242\u20134242',
  '4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2',
  '6011111111111117',
  '30569309025904',
  '3566002020360505',
  '6200000000000005',
  // As it is copied from a card: with what is printed around it.
  '4242 4242 4242 4242 12/27',
  '4242 4242 4242 4242 12 27 123',
  'order 17 4242 4242 4242 4242',
  '4242-4242-4242-4242-1227',
  '4242424242424242 123',
  '3782 822463 10005 1234',
  '4242.4242.4242.4242',
  '4242/4242/4242/4242',
  '4242 - 4242 - 4242 - 4242',
  'visa4242424242424242exp1227',
  // In digits of other scripts, and with what cannot be seen in between.
  '４２４２４２４２４２４２４２４２',
  '٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢',
  '𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐',
  '42\u200b4242424242\u00ad4242',
])('%s is found', (text) => {
  expect(findCardNumber({ note: { deep: [text] } })).toBe('note.deep.0')
})

test.each([
  '4242424242424241',
  '0000000000000000',
  'tok_4242424242424242x',
  'x4242424242424242',
  '1732224000000',
  '2026-12-01 16:40:17 2026-12-02 09:00:00',
  'sizes 42, 42, 42, 42, 42, 42, 42, 42',
  '99942424242424242424299',
  '12',
  '',
])('%s is no card number', (text) => {
  expect(findCardNumber({ note: text })).toBeNull()
})

test('a card number in the pieces of a list is found', () => {
  expect(findCardNumber({ card: ['4242', '4242', 4242, '4242'] })).toBe('card')
})

test('a long row of numbers holds up nobody', () => {
  const began = performance.now()
  expect(findCardNumber('4 '.repeat(100_000))).toBeNull()
  expect(performance.now() - began).toBeLessThan(1_000)
})

test('a card number that is the name of a field is found without being repeated', () => {
  expect(findCardNumber({ card: { '4242424242424242': 1 } })).toBe('card')
})
