/** Amounts in words, held against the table of the protocol, which lists what Stripe charges. */
import { currencies, formatAmount, formatMinorUnits } from '@tollbridge/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { amountText } from './amount-text.ts'

test.each([
  [1999, 'usd', 'en-US', '$19.99'],
  [1999, 'jpy', 'en-US', '¥1,999'],
  [5120, 'kwd', 'en-US', 'KWD 5.120'],
  [1999, 'eur', 'de-DE', '19,99 €'],
  [100_000, 'isk', 'en-US', 'ISK 1,000'],
  [5, 'mga', 'en-US', 'MGA 5'],
  [1999, 'JPY', 'en-US', '¥1,999'],
])('%d %s in %s is %s', (amount, currency, locale, text) => {
  expect(amountText(amount, currency, locale).replace(/\s/g, ' ')).toBe(text)
})

test('is what the protocol says, in every currency, amount and locale', () => {
  const all = [...currencies.values()]
  fc.assert(
    fc.property(
      fc.constantFrom(...all),
      fc.nat({ max: 999_999_999 }),
      fc.constantFrom('en-US', 'de-DE', 'ar-EG', 'hi-IN'),
      (currency, steps, locale) => {
        const amount = steps * currency.step
        expect(amountText(amount, currency.code, locale)).toBe(formatAmount(amount, currency, locale))
      },
    ),
    { numRuns: 2_000 },
  )
})

test('no digit is ever hidden, even of an amount that Stripe would refuse', () => {
  fc.assert(
    fc.property(fc.constantFrom(...currencies.values()), fc.nat({ max: 99_999_999 }), (currency, amount) => {
      const digits = /\d[\d,]*(\.\d+)?/.exec(amountText(amount, currency.code, 'en-US'))?.[0]
      const shown = Number(digits?.replaceAll(',', ''))
      expect(shown).toBe(Number(formatMinorUnits(amount, currency)))
    }),
  )
})
