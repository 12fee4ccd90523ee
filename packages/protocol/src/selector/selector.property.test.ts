/** Properties of selectors that no example can show: round trips, sound pins, linear time. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkFields } from './check-fields.ts'
import { compileSql } from './compile-sql.ts'
import { matchesLike, parseLikePattern } from './like-pattern.ts'
import { compileMatcher, type SelectorRow } from './match-selector.ts'
import { parseSelector, type SelectorLimits } from './parse-selector.ts'
import { pinnedLiterals } from './pinned-literals.ts'
import { printSelector } from './print-selector.ts'
import {
  clauseArbitrary,
  denseHeaders,
  denseSelectorArbitrary,
  headerNames,
  headersArbitrary,
  sampleFields,
  selectorArbitrary,
} from './selector-arbitraries.conformance.ts'
import type { Expression } from './selector-ast.ts'

const unlimited: SelectorLimits = { length: 10_000_000, depth: 200, terms: 10_000_000 }

function withoutPositions(expression: Expression): unknown {
  return JSON.parse(JSON.stringify(expression, (key, value) => (key === 'position' ? undefined : value)))
}

describe('printing', () => {
  it('a printed selector is read back as the same tree', () => {
    const identity = fc.property(fc.oneof(selectorArbitrary, clauseArbitrary), (expression) => {
      const outcome = parseSelector(printSelector(expression), { limits: unlimited })
      if (!outcome.ok) throw new Error(outcome.error.message)
      expect(withoutPositions(outcome.expression)).toEqual(withoutPositions(expression))
    })
    fc.assert(identity, { numRuns: 1_000 })
  })
})

describe('pinned literals', () => {
  it('headers that match have one of the pinned values', () => {
    let pinnedMatches = 0
    const expectPinned = (expression: Expression, messages: readonly SelectorRow[]) => {
      const pinned = pinnedLiterals(expression, headerNames)
      for (const headers of messages.filter(compileMatcher(expression))) {
        for (const [name, values] of pinned) {
          pinnedMatches++
          const value = Object.hasOwn(headers, name) ? headers[name] : undefined
          expect(values, printSelector(expression)).toContain(value)
        }
      }
    }
    const messages = fc.array(headersArbitrary, { minLength: 5, maxLength: 10 })
    fc.assert(fc.property(selectorArbitrary, messages, expectPinned), { numRuns: 500 })
    fc.assert(
      fc.property(denseSelectorArbitrary, (expression) => expectPinned(expression, denseHeaders)),
      { numRuns: 3_000 },
    )
    expect(pinnedMatches).toBeGreaterThan(1_000)
  })
})

describe('matching', () => {
  it('LIKE agrees with the plain recursive definition', () => {
    const alphabet = fc.constantFrom('a', 'b', 'A', '_', '%', '😀')
    const agrees = fc.property(
      fc.string({ unit: alphabet, maxLength: 8 }),
      fc.string({ unit: alphabet, maxLength: 8 }),
      (value, pattern) => {
        const outcome = parseLikePattern(pattern, null)
        const fast = outcome.ok && matchesLike(value, outcome.pattern)
        expect(fast).toBe(likeByDefinition([...value.toLowerCase()], [...pattern.toLowerCase()]))
      },
    )
    fc.assert(agrees, { numRuns: 5_000 })
  })
})

function likeByDefinition(value: string[], pattern: string[]): boolean {
  const [wanted, ...rest] = pattern
  if (wanted === undefined) return value.length === 0
  if (wanted === '%') {
    return likeByDefinition(value, rest) || (value.length > 0 && likeByDefinition(value.slice(1), pattern))
  }
  const [char, ...others] = value
  return char !== undefined && (wanted === '_' || wanted === char) && likeByDefinition(others, rest)
}

/** Does with a text all that a server does with a stranger's selector. */
function runWhole(text: string, limits: Partial<SelectorLimits> = {}): void {
  const outcome = parseSelector(text, { limits })
  if (!outcome.ok) {
    expect(outcome.error.position).toBeGreaterThanOrEqual(0)
    expect(outcome.error.position).toBeLessThanOrEqual(text.length)
    expect(outcome.error.message).toContain(`at position ${outcome.error.position}`)
    expect(outcome.error.near.length).toBeLessThanOrEqual(24)
    return
  }
  const { expression } = outcome
  expect(printSelector(expression)).not.toBe('')
  compileMatcher(expression)({ id: 'a'.repeat(1_000), a: '5' })
  pinnedLiterals(expression, ['id', 'orderId'])
  if (checkFields(expression, sampleFields, 'T') === undefined)
    compileSql(expression, sampleFields, 'postgres')
}

/** Texts of any length that try to make a reader slow or deep. */
const hostile: Record<string, (size: number) => string> = {
  'open parentheses': (size) => '('.repeat(size),
  'closed parentheses': (size) => ')'.repeat(size),
  'parentheses around nothing': (size) => '()'.repeat(size / 2),
  NOTs: (size) => 'NOT '.repeat(size / 4),
  'single quotes': (size) => `a = ${"'".repeat(size - 4)}`,
  'double quotes': (size) => '"'.repeat(size),
  'back-ticks': (size) => '`'.repeat(size - 1),
  'doubled quotes': (size) => `a = '${"''".repeat((size - 6) / 2)}'`,
  'an open text': (size) => `a = '${'x'.repeat(size - 5)}`,
  'a long name': (size) => 'a'.repeat(size),
  'a dotted name': (size) => 'a.'.repeat(size / 2),
  digits: (size) => `a = ${'9'.repeat(size - 4)}`,
  'zeros after the point': (size) => `a = 0.${'0'.repeat(size - 6)}`,
  'an exponent': (size) => `a = 1e${'9'.repeat(size - 6)}`,
  spaces: (size) => ' '.repeat(size),
  'wide spaces': (size) => '\u3000'.repeat(size),
  operators: (size) => `a ${'<>'.repeat(size / 2 - 1)}`,
  'a list of ids': (size) => `id IN (${"'ch_1',".repeat(size / 7 - 2)}'x')`,
  'a list of numbers': (size) => `id IN (${'5,'.repeat(size / 2 - 6)}5)`,
  'many ORs': (size) => `id${' OR id'.repeat(size / 6 - 1)}`,
  'many ANDs': (size) => `id${' AND id'.repeat(size / 7 - 1)}`,
  'alternating operators': (size) => `id${' AND id OR id'.repeat(size / 13 - 1)}`,
  'LIKE with many %': (size) => `id LIKE '${'%a'.repeat(size / 2 - 6)}'`,
  'LIKE with many % that fails': (size) => `id LIKE '${'%a'.repeat(size / 2 - 7)}b'`,
  'LIKE with a long segment': (size) => `id LIKE '%${'a'.repeat(size - 13)}b%'`,
  'LIKE with many _': (size) => `id LIKE '${'_'.repeat(size - 10)}'`,
  'LIKE with many %_': (size) => `id LIKE '${'%_'.repeat(size / 2 - 6)}'`,
  'LIKE with _ between %': (size) => `id LIKE '%${'a_'.repeat(size / 2 - 7)}%'`,
  'many LIKEs': (size) => `id LIKE '%a%b'${" OR id LIKE '%a%b'".repeat(size / 18 - 1)}`,
  'smiling faces': (size) => `a = '${'😀'.repeat(size / 2 - 3)}'`,
  'half pairs': (size) => '\ud83d'.repeat(size),
  NULs: (size) => '\0'.repeat(size),
}

describe('hostile selectors', () => {
  it.each(Object.entries(hostile))('%s: 10,000 characters give an outcome', (_name, make) => {
    const text = make(10_000)
    expect(text.length).toBeGreaterThan(9_900)
    expect(text.length).toBeLessThanOrEqual(10_000)
    runWhole(text)
  })

  it.each(Object.entries(hostile))(
    '%s: one long text takes no longer than many short ones',
    (_name, make) => {
      const limits = { length: unlimited.length, terms: unlimited.terms }
      expectLinear((size) => {
        const text = make(size)
        return () => runWhole(text, limits)
      })
    },
  )

  it('any text up to 10,000 characters gives an outcome', () => {
    const words = [
      '(',
      ')',
      ',',
      "'",
      '"',
      '`',
      '%',
      '_',
      '=',
      '<',
      '>',
      '!',
      '-',
      '.',
      '5',
      'e',
      'a',
      'id',
      '\\',
      '\n',
    ]
    const keywords = [
      ' AND ',
      ' OR ',
      ' NOT ',
      ' IN ',
      ' LIKE ',
      ' BETWEEN ',
      ' IS ',
      'NULL',
      'TRUE',
      ' ESCAPE ',
      "'x'",
    ]
    const fragment = fc.constantFrom(
      ...words,
      ...keywords,
      ' at or after ',
      'id = 1',
      "id = 'a'",
      '(id',
      'é',
      '😀',
    )
    const text = fc.oneof(
      fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join('')),
      fc.tuple(fc.array(fragment, { minLength: 1, maxLength: 6 }), fc.nat(2_000)).map(([parts, times]) =>
        parts
          .join('')
          .repeat(times + 1)
          .slice(0, 10_000),
      ),
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(fc.nat(0xffff), { maxLength: 50 }).map((units) => String.fromCharCode(...units)),
    )
    fc.assert(
      fc.property(text, (tried) => runWhole(tried)),
      { numRuns: 2_000 },
    )
  })
})

describe('hostile values', () => {
  const patterns: Record<string, (size: number) => string> = {
    'many %a': (size) => `${'%a'.repeat(size / 2)}b`,
    'a long segment': (size) => `%${'a'.repeat(size / 2)}b%`,
    'segments with _': (size) => `${'%a_a'.repeat(size / 4)}b`,
    'the longest segment with _': () => `%${'a'.repeat(62)}_b%`,
  }

  it.each(Object.entries(patterns))(
    'LIKE with %s: one long value takes no longer than many short ones',
    (_name, make) => {
      expectLinear((size) => {
        const outcome = parseLikePattern(make(size), null)
        if (!outcome.ok) throw new Error(outcome.problem)
        const value = 'a'.repeat(size)
        return () => matchesLike(value, outcome.pattern)
      })
    },
  )
})

/**
 * Does the same amount of work once in one piece of 160,000 characters and once in sixteen of 10,000. Linear time is
 * about the same for both, whatever the machine; quadratic time is sixteen times as long for the one.
 */
function expectLinear(prepare: (size: number) => () => void): void {
  const long = prepare(160_000)
  const short = prepare(10_000)
  const inPieces = leastTime(() => {
    for (let i = 0; i < 16; i++) short()
  })
  // Two milliseconds stand for what a clock and the garbage collector add to a run that is over at once.
  expect(leastTime(long)).toBeLessThan(6 * inPieces + 2)
}

/** In milliseconds; the least of several, since noise only ever adds. */
function leastTime(run: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 4; i++) {
    const start = performance.now()
    run()
    least = Math.min(least, performance.now() - start)
  }
  return least
}
