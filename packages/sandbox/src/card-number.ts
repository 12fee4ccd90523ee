/** What the digits of a card number say: whether they are one, and of which brand. */
import type { Brand } from './test-cards.ts'

/** Whether the last digit is right (Luhn). */
export function passesLuhn(number: string): boolean {
  let sum = 0
  for (let i = 0; i < number.length; i++) {
    const digit = Number(number[number.length - 1 - i])
    const doubled = i % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

const BRANDS: [RegExp, Brand][] = [
  [/^4/, 'visa'],
  [/^3[47]/, 'amex'],
  [/^(5[1-5]|2[2-7])/, 'mastercard'],
  [/^(6011|65|64[4-9])/, 'discover'],
  [/^(30[0-5]|36|38|39)/, 'diners'],
  [/^35/, 'jcb'],
  [/^(62|81)/, 'unionpay'],
]

/** The brand by its leading digits, or undefined for digits that no brand here uses. */
export function brandOf(number: string): Brand | undefined {
  return BRANDS.find(([pattern]) => pattern.test(number))?.[1]
}
