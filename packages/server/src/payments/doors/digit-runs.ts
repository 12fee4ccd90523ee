/** Reads the numbers out of a text, in whatever script and with whatever marks between them. Pure. */

export interface DigitRun {
  readonly groups: readonly string[]
  /** What stands before each group but the first, by its place. */
  readonly marks: readonly string[]
  /** A letter stands right before it, as in `tok_1a23`, and no word for a card, as in `visa4242`. */
  readonly isPartOfName: boolean
  /** A letter stands right behind it, and no word that follows a card, as in `4242exp`. */
  readonly isBeginOfName: boolean
}

/** Digits with at most three marks that are neither letters nor digits between them. */
const RUN = /\d+(?:[^\p{L}\p{N}]{1,3}\d+)*/gu
const CARD_WORD =
  /(?:^|[^\p{L}\p{N}])(?:card|visa|master(?:card)?|mc|amex|discover|jcb|diners|unionpay|pan|cc|no|nr|num|number)$/iu
const WORD_BEHIND = /^(?:exp|cv[cv]|valid|thru|mm|card)/i

/** The groups of digits that stand together, in their order; those with fewer digits than `fewest` are passed over. */
export function* digitRuns(given: string, fewest: number): Generator<DigitRun> {
  const text = plainText(given)
  for (const { 0: found, index } of text.matchAll(RUN)) {
    if (found.length < fewest) continue
    yield {
      groups: found.split(/\D+/),
      marks: found.split(/\d+/).slice(0, -1),
      isPartOfName: isNameBefore(text, index),
      isBeginOfName: isNameBehind(text, index + found.length),
    }
  }
}

/** Digits of every script and form as ASCII, and nothing in between that cannot be seen. */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: plain ASCII is what most texts are
  if (/^[\x00-\x7f]*$/.test(text)) return text
  return text
    .normalize('NFKC')
    .replace(/\p{Cf}|\p{Mn}/gu, '')
    .replace(/\p{Nd}/gu, asAscii)
}

/** The digits of a script stand in a row, from zero to nine; where rows follow each other, the first begins behind no digit. */
function asAscii(digit: string): string {
  const code = digit.codePointAt(0) ?? 0
  if (code < 0x80) return digit
  let zero = code
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1
  return String((code - zero) % 10)
}

function isNameBefore(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 12), start)
  return /\p{L}$/u.test(before) && !CARD_WORD.test(before)
}

function isNameBehind(text: string, end: number): boolean {
  const behind = text.slice(end, end + 6)
  return /^\p{L}/u.test(behind) && !WORD_BEHIND.test(behind)
}
