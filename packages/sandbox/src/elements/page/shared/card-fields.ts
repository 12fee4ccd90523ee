/** Card number, expiry, security code and postal code: formatting while typing, and Stripe's words for mistakes. */
import { brandOf, passesLuhn } from '../../../card-number.ts'
import { type Reading, readingOf } from './field-reading.ts'
import { fieldError } from './stripe-js-error.ts'

export type CardBrand = NonNullable<ReturnType<typeof brandOf>> | 'unknown'

interface BrandShape {
  lengths: readonly number[]
  /** Digits in each group. */
  groups: readonly number[]
}

const FOURS = [4, 4, 4, 4, 3]
const SHAPES: Record<CardBrand, BrandShape> = {
  visa: { lengths: [16], groups: FOURS },
  mastercard: { lengths: [16], groups: FOURS },
  amex: { lengths: [15], groups: [4, 6, 5] },
  discover: { lengths: [16], groups: FOURS },
  diners: { lengths: [14, 16], groups: [4, 6, 4, 2] },
  jcb: { lengths: [16], groups: FOURS },
  unionpay: { lengths: [16, 19], groups: FOURS },
  unknown: { lengths: [16], groups: FOURS },
}

export function cardBrand(number: string): CardBrand {
  return brandOf(digitsOf(number)) ?? 'unknown'
}

export function readNumber(raw: string): Reading {
  const brand = cardBrand(raw)
  const { lengths, groups } = SHAPES[brand]
  const longest = lengths.at(-1) ?? 16
  const digits = digitsOf(raw).slice(0, longest)
  const text = inGroups(digits, groups)
  const fits = lengths.includes(digits.length) && passesLuhn(digits)
  if (digits.length === longest && (!fits || brand === 'unknown')) {
    const problem = fieldError('invalid_number', 'Your card number is invalid.')
    return { text, value: digits, state: 'invalid', problem }
  }
  return readingOf(text, digits, fits, fieldError('incomplete_number', 'Your card number is incomplete.'))
}

/** `MM / YY`; a year of four digits, as browsers fill it in, is shortened. */
export function readExpiry(raw: string, deleting: boolean, now: Date): Reading {
  const [left = '', ...rest] = raw.split('/')
  let digits =
    rest.length > 0 ? digitsOf(left).slice(0, 2).padStart(2, '0') + digitsOf(rest.join('')) : digitsOf(raw)
  if (rest.length > 0 && digitsOf(left) === '') digits = digitsOf(rest.join(''))
  if (/^[2-9]/.test(digits)) digits = `0${digits}`
  if (/^1[3-9]/.test(digits)) digits = `0${digits}`
  if (digits.length === 6 && digits.slice(2, 4) === '20') digits = digits.slice(0, 2) + digits.slice(4)
  digits = digits.slice(0, 4)
  const month = digits.slice(0, 2)
  const year = digits.slice(2)
  const text = year !== '' || (month.length === 2 && !deleting) ? `${month} / ${year}` : month
  const incomplete = fieldError('incomplete_expiry', "Your card's expiration date is incomplete.")
  if (digits.length < 4) return readingOf(text, digits, false, incomplete)
  const problem = expiryProblem(Number(month), 2000 + Number(year), now)
  return { text, value: digits, state: problem ? 'invalid' : 'complete', problem }
}

function expiryProblem(month: number, year: number, now: Date): Reading['problem'] {
  const thisYear = now.getFullYear()
  if (month < 1) return fieldError('invalid_expiry_month', "Your card's expiration month is invalid.")
  if (year < thisYear) {
    return fieldError('invalid_expiry_year_past', "Your card's expiration year is in the past.")
  }
  if (year > thisYear + 50) {
    return fieldError('invalid_expiry_year', "Your card's expiration year is invalid.")
  }
  if (year === thisYear && month < now.getMonth() + 1) {
    return fieldError('invalid_expiry_month_past', "Your card's expiration date is in the past.")
  }
  return undefined
}

export function readCvc(raw: string, brand: CardBrand): Reading {
  const digits = digitsOf(raw).slice(0, brand === 'amex' || brand === 'unknown' ? 4 : 3)
  // Of an American Express card Stripe takes the three digits on the back as well, but waits for four.
  const complete = brand === 'amex' ? digits.length === 4 : digits.length >= 3
  return readingOf(
    digits,
    digits,
    complete,
    fieldError('incomplete_cvc', "Your card's security code is incomplete."),
  )
}

export function readPostalCode(raw: string): Reading {
  const text = raw
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replace(/^\s+/, '')
    .slice(0, 12)
  const bare = text.replace(/[ -]/g, '')
  // Test cards are American: five digits; letters tell of another country.
  const complete = /^\d*$/.test(bare) ? bare.length >= 5 : bare.length >= 3
  return readingOf(
    text,
    text.trim(),
    complete,
    fieldError('incomplete_zip', 'Your postal code is incomplete.'),
  )
}

function digitsOf(text: string): string {
  return text.replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660)).replace(/\D/g, '')
}

function inGroups(digits: string, groups: readonly number[]): string {
  const parts: string[] = []
  let from = 0
  for (const size of groups) {
    if (from < digits.length) parts.push(digits.slice(from, from + size))
    from += size
  }
  return parts.join(' ')
}
