/** Walks over the tokens of a text with one token in sight. */

import { SelectorProblem } from './selector-error.ts'
import { createTokenizer, type Keyword, type Punctuation, type Token } from './tokenize.ts'

/** Every method that reads on may throw `SelectorProblem` for a text that has no next token. */
export interface TokenCursor {
  current(): Token
  advance(): void
  atSymbol(symbol: Punctuation): boolean
  atKeyword(keyword: Keyword): boolean
  /** Steps over the symbol if it is the current token, and says whether it was; so do the next two. */
  takeSymbol(symbol: Punctuation): boolean
  takeKeyword(keyword: Keyword): boolean
  /** For words that mean something in one place only and are names everywhere else. `word` in lower case. */
  takeWord(word: string): boolean
  /** The problem of finding the current token where `what` should stand. */
  expected(what: string, hint?: string): SelectorProblem
}

export function createTokenCursor(text: string): TokenCursor {
  const nextToken = createTokenizer(text)
  let token = nextToken()

  function advance(): void {
    token = nextToken()
  }

  function takeIf(found: boolean): boolean {
    if (found) advance()
    return found
  }

  const atSymbol = (symbol: Punctuation) => token.kind === 'symbol' && token.symbol === symbol
  const atKeyword = (keyword: Keyword) => token.kind === 'keyword' && token.keyword === keyword

  return {
    current: () => token,
    advance,
    atSymbol,
    atKeyword,
    takeSymbol: (symbol) => takeIf(atSymbol(symbol)),
    takeKeyword: (keyword) => takeIf(atKeyword(keyword)),
    takeWord: (word) => takeIf(token.kind === 'name' && token.text.toLowerCase() === word),
    expected: (what, hint) => new SelectorProblem(`Expected ${what}`, token.position, hint),
  }
}
