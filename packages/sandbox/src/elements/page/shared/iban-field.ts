/** An IBAN: groups of four, its country's length, and its check digits. */
import { type Reading, readingOf } from './field-reading.ts'
import { fieldError } from './stripe-js-error.ts'

// The lengths of the SEPA countries' account numbers.
const LENGTHS: Readonly<Record<string, number>> = {
  AD: 24,
  AT: 20,
  BE: 16,
  BG: 22,
  CH: 21,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  EE: 20,
  ES: 24,
  FI: 18,
  FR: 27,
  GB: 22,
  GI: 23,
  GR: 27,
  HR: 21,
  HU: 28,
  IE: 22,
  IS: 26,
  IT: 27,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  MC: 27,
  MT: 31,
  NL: 18,
  NO: 15,
  PL: 28,
  PT: 25,
  RO: 24,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  VA: 22,
}

export function readIban(raw: string): Reading {
  const bare = raw.toUpperCase().replace(/[^A-Z0-9]/g, '')
  const country = bare.slice(0, 2)
  const length = LENGTHS[country]
  const value = bare.slice(0, length ?? 34)
  const text = value.replace(/(.{4})(?=.)/g, '$1 ')
  const incomplete = fieldError('incomplete_iban', 'The IBAN you entered is incomplete.')
  if (country.length === 2 && length === undefined) {
    const problem = fieldError(
      'invalid_iban_country_code',
      `The IBAN you entered is invalid, "${country}" is not a supported country code.`,
    )
    return { text, value, state: 'invalid', problem }
  }
  if (value.length < (length ?? 34)) return readingOf(text, value, false, incomplete)
  if (hasValidCheckDigits(value)) return readingOf(text, value, true, incomplete)
  const problem = fieldError('invalid_iban', 'The IBAN you entered is invalid.')
  return { text, value, state: 'invalid', problem }
}

/** ISO 7064, modulo 97. */
function hasValidCheckDigits(iban: string): boolean {
  const turned = iban.slice(4) + iban.slice(0, 4)
  const digits = turned.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))
  let rest = 0
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97
  return rest === 1
}
