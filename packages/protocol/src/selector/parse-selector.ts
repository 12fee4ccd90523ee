/** Reads a message selector or a data where clause: one language, the part of SQL-92 that follows WHERE. */

import { parseCondition } from './parse-condition.ts'
import type { Expression } from './selector-ast.ts'
import { locateProblem, type SelectorError, SelectorProblem } from './selector-error.ts'
import { createTokenCursor } from './token-cursor.ts'

export interface SelectorLimits {
  /** Characters in the text. */
  readonly length: number
  /** Parentheses and NOTs around one condition. */
  readonly depth: number
  /** Conditions, and values in IN lists. */
  readonly terms: number
}

export const selectorLimits: SelectorLimits = { length: 10_000, depth: 64, terms: 1_000 }

export interface ParseSelectorOptions {
  /** Replaces single limits: the printed form of a long selector may be longer than what was written. */
  readonly limits?: Partial<SelectorLimits>
}

export type SelectorOutcome =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly error: SelectorError }

/**
 * Reads a selector in time proportional to its length. Every text gives an outcome, never an exception; the error
 * is about the first place that is wrong. Fields are not checked here: see `checkFields`.
 */
export function parseSelector(text: string, options: ParseSelectorOptions = {}): SelectorOutcome {
  const limits = { ...selectorLimits, ...options.limits }
  try {
    checkText(text, limits)
    return { ok: true, expression: parseExpression(text, limits) }
  } catch (problem) {
    if (problem instanceof SelectorProblem) return { ok: false, error: locateProblem(text, problem) }
    throw problem
  }
}

function checkText(text: string, limits: SelectorLimits): void {
  if (text.length > limits.length) {
    throw new SelectorProblem(
      `The selector is longer than the limit of ${limits.length} characters`,
      limits.length,
    )
  }
  // Databases cannot hold either, so a literal with one would mean different things in memory and in SQL.
  const nul = text.indexOf('\0')
  if (nul !== -1) throw new SelectorProblem('The selector holds a NUL character', nul)
  if (text.isWellFormed()) return
  const repaired = text.toWellFormed()
  let at = 0
  while (text[at] === repaired[at]) at++
  throw new SelectorProblem('The selector holds half of a surrogate pair', at)
}

function parseExpression(text: string, limits: SelectorLimits): Expression {
  const cursor = createTokenCursor(text)
  let depth = 0
  let terms = 0

  if (cursor.current().kind === 'end') throw cursor.expected('a condition', 'the selector is empty')
  const expression = parseOr()
  if (cursor.current().kind !== 'end') throw cursor.expected('AND, OR or the end')
  return expression

  function parseOr(): Expression {
    const first = parseAnd()
    const operands = [first]
    while (cursor.takeKeyword('OR')) operands.push(parseAnd())
    return operands.length === 1 ? first : { kind: 'or', operands }
  }

  function parseAnd(): Expression {
    const first = parseNot()
    const operands = [first]
    while (cursor.takeKeyword('AND')) operands.push(parseNot())
    return operands.length === 1 ? first : { kind: 'and', operands }
  }

  function parseNot(): Expression {
    if (!cursor.atKeyword('NOT')) return parsePrimary()
    enterLevel()
    const operand = parseNot()
    depth--
    return { kind: 'not', operand }
  }

  function parsePrimary(): Expression {
    if (!cursor.atSymbol('(')) {
      countTerm()
      return parseCondition(cursor, countTerm)
    }
    const open = cursor.current().position
    enterLevel()
    const inner = parseOr()
    if (!cursor.takeSymbol(')'))
      throw cursor.expected('AND, OR or ")"', `the "(" at position ${open} is still open`)
    depth--
    return inner
  }

  /** Steps over a NOT or "(". The limit keeps recursion shallow here and in everything that walks the tree. */
  function enterLevel(): void {
    depth++
    if (depth > limits.depth) {
      throw new SelectorProblem(
        `The selector nests deeper than the limit of ${limits.depth} levels`,
        cursor.current().position,
      )
    }
    cursor.advance()
  }

  function countTerm(): void {
    terms++
    if (terms > limits.terms) {
      throw new SelectorProblem(
        `The selector has more than the limit of ${limits.terms} conditions and listed values`,
        cursor.current().position,
      )
    }
  }
}
