/** Finds card numbers in a request body, so that it is refused before anything keeps or logs it. */
import { type DigitRun, digitRuns, plainText } from './digit-runs.ts'

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
const FIRST_DIGIT = /^[2-6]/
const SHORTEST = 13
const LONGEST = 19

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
  // In pieces, one after the other.
  const isInPieces = Array.isArray(value) && holdsCardNumber(value.filter(isPlain).join(' '))
  return isInPieces ? path || 'body' : null
}

function isPlain(item: unknown): boolean {
  return typeof item === 'string' || typeof item === 'number'
}

/** Among other words too: with a date behind it, a count before it, in digits of any script. */
function holdsCardNumber(text: string): boolean {
  return someNumber(text, 1)
}

/** Whether a text holds a card number that is written as people write one: in groups. */
export function holdsGroupedCardNumber(text: string): boolean {
  return someNumber(text, 3)
}

/** Whether the digits of a text, whatever stands between them, are a card number. */
export function isCardNumber(text: string): boolean {
  return isNumberOfCard(plainText(text).replace(/\D/g, ''))
}

function isNumberOfCard(digits: string): boolean {
  if (digits.length < SHORTEST || digits.length > LONGEST || !passesLuhn(digits)) return false
  return BRANDS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length))
}

function someNumber(text: string, fewestGroups: number): boolean {
  for (const run of digitRuns(text, SHORTEST)) {
    for (let from = 0; from < run.groups.length; from++) {
      let digits = ''
      if (!FIRST_DIGIT.test(run.groups[from] ?? '')) continue
      for (let to = from; to < run.groups.length && digits.length < LONGEST; to++) {
        digits += run.groups[to]
        // First what is cheap: a text may be a megabyte of digits.
        if (!isNumberOfCard(digits) || to - from + 1 < fewestGroups) continue
        if (mayBeCard(run, from, to)) return true
      }
    }
  }
  return false
}

const BLANKS_OR_DASHES = /^[\s\-\u2010-\u2015\u2212]{1,2}$/

/** A part of a longer row of numbers, or one with other marks than blanks and dashes in it, is grouped as cards are. */
function mayBeCard({ groups, marks, ...run }: DigitRun, from: number, to: number): boolean {
  const isFirst = from === 0
  const isLast = to === groups.length - 1
  if ((isFirst && run.isPartOfName) || (isLast && run.isBeginOfName)) return false
  if (from === to) return true
  const isPlainRow = marks.slice(from + 1, to + 1).every((mark) => BLANKS_OR_DASHES.test(mark))
  const lengths = groups.slice(from, to + 1).map(({ length }) => length)
  return (isPlainRow && isFirst && isLast) || isGroupedAsCard(lengths, isPlainRow)
}

/** Groups of one length, of which the last may be shorter; 4-6-5 and 4-6-4 as on American Express and Diners. */
function isGroupedAsCard(lengths: readonly number[], isPlainRow: boolean): boolean {
  const [first = 0] = lengths
  const last = lengths.at(-1) ?? 0
  if (/^4,6,[45]$/.test(lengths.join(','))) return true
  return (isPlainRow || first >= 4) && last <= first && lengths.slice(0, -1).every((it) => it === first)
}

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    const weighted = i % 2 === 0 ? digit : digit * 2
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0
}
