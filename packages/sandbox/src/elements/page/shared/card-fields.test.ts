/** What the card fields make of typed text. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TEST_CARDS } from '../../../test-cards.ts'
import { cardBrand, readCvc, readExpiry, readNumber, readPostalCode } from './card-fields.ts'
import { readIban } from './iban-field.ts'

const NOW = new Date(2026, 10, 21)

describe('the card number', () => {
  test.each(TEST_CARDS.map((card) => [card.number, card.brand] as const))(
    '%s is complete, and %s',
    (number, brand) => {
      expect(readNumber(number)).toMatchObject({ state: 'complete', value: number, problem: undefined })
      expect(cardBrand(number)).toBe(brand)
    },
  )

  test.each([
    ['', 'empty', 'incomplete_number'],
    ['4242', 'incomplete', 'incomplete_number'],
    ['4242424242424241', 'invalid', 'invalid_number'],
    ['378282246310006', 'invalid', 'invalid_number'],
    ['9999999999999995', 'invalid', 'invalid_number'],
  ])('"%s" is %s: %s', (typed, state, code) => {
    expect(readNumber(typed)).toMatchObject({ state, problem: { code } })
  })

  test.each([
    ['4242424242424242', '4242 4242 4242 4242'],
    ['378282246310005', '3782 822463 10005'],
    ['30569309025904', '3056 930902 5904'],
    ['4242-4242 42424242 99', '4242 4242 4242 4242'],
  ])('%s is shown as %s', (typed, shown) => {
    expect(readNumber(typed).text).toBe(shown)
  })

  test('formatting what was formatted changes nothing, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), (typed) => {
        const once = readNumber(typed)
        expect(readNumber(once.text)).toEqual(once)
      }),
    )
  })
})

describe('the expiry', () => {
  test.each([
    ['1', '1'],
    ['4', '04 / '],
    ['12', '12 / '],
    ['13', '01 / 3'],
    ['1/', '01 / '],
    ['12 / 3', '12 / 3'],
    ['1234', '12 / 34'],
    ['12/2034', '12 / 34'],
    ['122034', '12 / 34'],
    ['1/34', '01 / 34'],
  ])('%s is shown as "%s"', (typed, shown) => {
    expect(readExpiry(typed, false, NOW).text).toBe(shown)
  })

  test('deleting goes over the separator', () => {
    expect(readExpiry('12 / ', true, NOW).text).toBe('12')
  })

  test.each([
    ['1126', undefined],
    ['1026', 'invalid_expiry_month_past'],
    ['1225', 'invalid_expiry_year_past'],
    ['1277', 'invalid_expiry_year'],
    ['0030', 'invalid_expiry_month'],
    ['12', 'incomplete_expiry'],
  ])('in November 2026, %s has the problem %s', (typed, code) => {
    expect(readExpiry(typed, false, NOW).problem?.code).toBe(code)
  })

  test('formatting what was formatted changes nothing, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789/ ') }), (typed) => {
        const once = readExpiry(typed, false, NOW)
        expect(readExpiry(once.text, false, NOW)).toEqual(once)
      }),
    )
  })
})

test.each([
  ['123', 'visa', 'complete'],
  ['12', 'visa', 'incomplete'],
  ['123', 'amex', 'incomplete'],
  ['1234', 'amex', 'complete'],
  ['123', 'unknown', 'complete'],
] as const)('the security code %s of %s is %s', (typed, brand, state) => {
  expect(readCvc(typed, brand).state).toBe(state)
})

test.each([
  ['94107', 'complete'],
  ['9410', 'incomplete'],
  ['W1 1AA', 'complete'],
  ['', 'empty'],
])('the postal code "%s" is %s', (typed, state) => {
  expect(readPostalCode(typed).state).toBe(state)
})

test.each([
  ['AT321904300235473204', undefined],
  ['at32 1904 3002 3547 3204', undefined],
  ['DE89370400440532013000', undefined],
  ['AT321904300235473205', 'invalid_iban'],
  ['AT32', 'incomplete_iban'],
  ['XX32', 'invalid_iban_country_code'],
])('the IBAN %s has the problem %s', (typed, code) => {
  expect(readIban(typed).problem?.code).toBe(code)
})
