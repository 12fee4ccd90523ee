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
])('%s is found', (text) => {
  expect(findCardNumber({ note: { deep: [text] } })).toBe('note.deep.0')
})

test.each(['4242424242424241', '0000000000000000', 'tok_4242424242424242x', '1732224000000', '12', ''])(
  '%s is no card number',
  (text) => {
    expect(findCardNumber({ note: text })).toBeNull()
  },
)

test('a card number that is the name of a field is found without being repeated', () => {
  expect(findCardNumber({ card: { '4242424242424242': 1 } })).toBe('card')
})
