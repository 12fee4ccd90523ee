import { describe, expect, it } from 'vitest'
import { checkFields } from './check-fields.ts'
import { compileSql } from './compile-sql.ts'
import type { SelectorFields } from './fields.ts'
import { compileMatcher } from './match-selector.ts'
import { parseSelector } from './parse-selector.ts'
import type { Expression } from './selector-ast.ts'

const fields: SelectorFields = {
  id: { type: 'string', sql: 'id' },
  amount: { type: 'number', sql: 'amount' },
  livemode: { type: 'boolean', sql: 'livemode' },
  created: { type: 'timestamp', sql: 'created' },
}

function parse(text: string): Expression {
  const outcome = parseSelector(text)
  if (!outcome.ok) throw new Error(outcome.error.message)
  return outcome.expression
}

const dates =
  'milliseconds since 1970, or a date such as 2015-03-23, 2015-03-23T10:15:00.000Z, 23-Mar-2015, 03/23/2015 or 03/23/2015 10:15:00 GMT'

describe('a clause that does not fit its columns', () => {
  it.each([
    ["id = 'a' AND x = 1", "Column 'x' does not exist in table 'StripeEvents'", 13, 'x'],
    ['toString = 1', "Column 'toString' does not exist in table 'StripeEvents'", 0, 'toString'],
    [
      "amount = 'much'",
      `Column 'amount' holds numbers: expected a number such as 1000 or -2.5 at position 9, near "'much'"`,
      9,
      "'much'",
    ],
    [
      'amount IN (1, TRUE)',
      `Column 'amount' holds numbers: expected a number such as 1000 or -2.5 at position 14, near "TRUE"`,
      14,
      'TRUE',
    ],
    [
      "amount LIKE '1%'",
      `Column 'amount' holds numbers: expected =, <>, <, <=, > or >= instead of LIKE at position 0, near "amount"`,
      0,
      'amount',
    ],
    [
      "livemode = 'yes'",
      `Column 'livemode' holds TRUE or FALSE: expected TRUE or FALSE at position 11, near "'yes'"`,
      11,
      "'yes'",
    ],
    [
      'livemode > 0',
      `Column 'livemode' holds TRUE or FALSE: expected = or <> instead of > at position 11, near "0"`,
      11,
      '0',
    ],
    [
      "created after '2015-02-30'",
      `Column 'created' holds times: expected ${dates} at position 14, near "'2015-02-30'"`,
      14,
      "'2015-02-30'",
    ],
    [
      'created = TRUE',
      `Column 'created' holds times: expected ${dates} at position 10, near "TRUE"`,
      10,
      'TRUE',
    ],
  ])('%s', (text, message, position, near) => {
    const expression = parse(text)
    expect(checkFields(expression, fields, 'StripeEvents')).toMatchObject({ message, position, near })
    expect(() => compileSql(expression, fields, 'sqlite')).toThrow(TypeError)
    expect(() => compileMatcher(expression, fields)).toThrow(TypeError)
  })

  it('only a missing column is said to be unknown', () => {
    expect(checkFields(parse("id = 'a' AND x = 1"), fields, 'T')?.unknownColumn).toBe('x')
    expect(checkFields(parse('livemode > 0'), fields, 'T')?.unknownColumn).toBeUndefined()
  })

  it('a long value is cut in the error', () => {
    const error = checkFields(parse(`amount = '${'9'.repeat(500)}'`), fields, 'T')
    expect(error?.near).toBe(`'${'9'.repeat(22)}…`)
  })
})

describe('a clause that fits its columns passes', () => {
  it.each([
    "id > 5 AND id = TRUE AND id LIKE '%'",
    'amount = NULL',
    "amount > '-2.5'",
    'livemode',
    "created < '1427068800000'",
  ])('%s', (text) => {
    expect(checkFields(parse(text), fields, 'T')).toBeUndefined()
  })
})
