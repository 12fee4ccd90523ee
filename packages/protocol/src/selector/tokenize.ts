/** Splits the text of a selector into tokens, one at a time and in one pass. */

import type { ComparisonOperator } from './selector-ast.ts'
import { SelectorProblem } from './selector-error.ts'

export type Keyword = 'AND' | 'OR' | 'NOT' | 'LIKE' | 'IN' | 'BETWEEN' | 'IS' | 'NULL' | 'TRUE' | 'FALSE'

export type Punctuation = '(' | ')' | ',' | ComparisonOperator

/** `text` is the token as written, `position` the 0-based offset of its first character. */
export type Token = { readonly position: number; readonly text: string } & (
  | { readonly kind: 'keyword'; readonly keyword: Keyword }
  | { readonly kind: 'name'; readonly name: string; readonly quote: '"' | '`' | null }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'symbol'; readonly symbol: Punctuation }
  | { readonly kind: 'end' }
)

const keywords: ReadonlySet<string> = new Set<Keyword>([
  'AND',
  'OR',
  'NOT',
  'LIKE',
  'IN',
  'BETWEEN',
  'IS',
  'NULL',
  'TRUE',
  'FALSE',
])

const typographicQuotes = '\u2018\u2019\u201c\u201d\u00b4'
const plainNumber = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
const plainName = /[A-Za-z_][A-Za-z0-9_]*/y

/** Whether a word means something to the language, so that a field of that name must be quoted. */
export function isKeyword(word: string): boolean {
  return keywords.has(word.toUpperCase())
}

/**
 * Returns a function that reads the next token; after the last it keeps answering `end`. It reads lazily, so that
 * the first problem in the text is the one reported. Throws `SelectorProblem`.
 */
export function createTokenizer(text: string): () => Token {
  let at = 0

  return function next(): Token {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++
    const position = at
    const char = text[at]
    if (char === undefined) return { kind: 'end', text: '', position }
    if (char === "'") {
      const value = readQuoted(char)
      return { kind: 'text', value, text: text.slice(position, at), position }
    }
    if (startsNumber()) return readNumber()
    if (char === '"' || char === '`' || startsName()) return readName()
    const symbol = readSymbol(char)
    if (symbol !== undefined) return { kind: 'symbol', symbol, text: text.slice(position, at), position }
    throw unexpectedCharacter()
  }

  function readQuoted(quote: string): string {
    const start = at
    const pieces: string[] = []
    at++
    for (;;) {
      const close = text.indexOf(quote, at)
      if (close === -1) throw new SelectorProblem(`The ${quote} has no closing ${quote}`, start)
      pieces.push(text.slice(at, close))
      at = close + 1
      if (text[at] !== quote) return pieces.join(quote)
      at++
    }
  }

  function readNumber(): Token {
    const position = at
    const digits = match(plainNumber)
    // Catches `10abc`, `0x10`, `1_000` and `1.2.3`, which would otherwise read as two tokens.
    if (startsName() || text[at] === '.') {
      throw new SelectorProblem(`Expected a space or an operator after the number "${shorten(digits)}"`, at)
    }
    const value = Number(digits)
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      throw new SelectorProblem(
        `The number "${shorten(digits)}" is beyond the limit of ${Number.MAX_SAFE_INTEGER}`,
        position,
      )
    }
    // Adding 0 turns -0 into 0, which prints and compares the same everywhere.
    return { kind: 'number', value: value + 0, text: digits, position }
  }

  function readName(): Token {
    const position = at
    const first = text[at]
    const quote = first === '"' || first === '`' ? first : null
    const parts = [readNamePart()]
    while (text[at] === '.') {
      at++
      parts.push(readNamePart())
    }
    const written = text.slice(position, at)
    const keyword = written.toUpperCase()
    if (keywords.has(keyword)) {
      return { kind: 'keyword', keyword: keyword as Keyword, text: written, position }
    }
    return { kind: 'name', name: parts.join('.'), quote, text: written, position }
  }

  function readNamePart(): string {
    const position = at
    const char = text[at]
    if (char === '"' || char === '`') {
      const name = readQuoted(char)
      if (name === '') throw new SelectorProblem('Expected a name between the quotes', position)
      return name
    }
    if (!startsName()) throw new SelectorProblem('Expected the rest of the name after "."', at)
    return match(plainName)
  }

  function readSymbol(char: string): Punctuation | undefined {
    const pair = text.slice(at, at + 2)
    if (pair === '<=' || pair === '>=' || pair === '<>' || pair === '!=') {
      at += 2
      return pair === '!=' ? '<>' : pair
    }
    switch (char) {
      case '(':
      case ')':
      case ',':
      case '=':
      case '<':
      case '>':
        at++
        return char
      default:
        return undefined
    }
  }

  function startsName(): boolean {
    const code = text.charCodeAt(at)
    return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95
  }

  function startsNumber(): boolean {
    let ahead = at
    if (text[ahead] === '-' || text[ahead] === '+') ahead++
    if (text[ahead] === '.') ahead++
    return isDigit(text.charCodeAt(ahead))
  }

  function match(pattern: RegExp): string {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }

  function unexpectedCharacter(): SelectorProblem {
    const char = String.fromCodePoint(text.codePointAt(at) ?? 0)
    if (typographicQuotes.includes(char)) {
      return new SelectorProblem(`Expected the plain quote ' instead of ${char}`, at)
    }
    return new SelectorProblem(`Unexpected character "${char < ' ' ? ' ' : char}"`, at)
  }
}

function shorten(digits: string): string {
  return digits.length <= 24 ? digits : `${digits.slice(0, 24)}…`
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || (code > 127 && /\s/.test(String.fromCharCode(code)))
}
