/** Finds card numbers in a request body, so that it is refused before anything keeps or logs it. */

/** Runs of 13 to 19 digits, with up to two blanks or dashes of any kind between them, that no further digit touches. */
const DIGIT_RUN = /(?<![\dA-Za-z])\d(?:[\s\-\u2010-\u2015\u2212]{0,2}\d){12,18}(?![\dA-Za-z])/g

/** First digits and lengths of the brands that Stripe takes. */
const BRANDS: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(5[1-5]|2[2-7])/, [16]],
  [/^3[47]/, [15]],
  [/^(6011|64[4-9]|65)/, [16, 19]],
  [/^3(0[0-5]|095|6|8|9)/, [14, 16, 19]],
  [/^35/, [16, 19]],
  [/^62/, [16, 17, 18, 19]],
]

/** The deepest nesting that is looked into; deeper bodies are not ours to understand. */
const DEEPEST = 32

/** @returns the path of the first value that carries a card number, such as `card.number`; else null. */
export function findCardNumber(value: unknown, path = '', depth = 0): string | null {
  if (typeof value === 'string') return holdsCardNumber(value) ? path || 'body' : null
  if (typeof value === 'number') return holdsCardNumber(String(value)) ? path || 'body' : null
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return null
  for (const [name, item] of Object.entries(value)) {
    // A name can be a card number too; the path must then not repeat it.
    if (holdsCardNumber(name)) return path || 'body'
    const found = findCardNumber(item, path === '' ? name : `${path}.${name}`, depth + 1)
    if (found !== null) return found
  }
  return null
}

function holdsCardNumber(text: string): boolean {
  return (text.match(DIGIT_RUN) ?? []).some((run) => isCardNumber(run.replace(/\D/g, '')))
}

/** @param digits nothing else. */
export function isCardNumber(digits: string): boolean {
  const brand = BRANDS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length))
  return brand && passesLuhn(digits)
}

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    const weighted = i % 2 === 0 ? digit : digit * 2
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0
}
