import { describe, expect, it } from 'vitest'
import { parseSelector } from './parse-selector.ts'
import { printSelector } from './print-selector.ts'

/** The canonical text of a selector, which shows how it was read. */
function read(text: string): string {
  const outcome = parseSelector(text)
  if (!outcome.ok) throw new Error(outcome.error.message)
  return printSelector(outcome.expression)
}

function messageOf(text: string): string {
  const outcome = parseSelector(text)
  if (outcome.ok) throw new Error(`"${text}" was read as ${printSelector(outcome.expression)}`)
  return outcome.error.message
}

describe('a selector is read as', () => {
  it.each([
    ["id='ch_1'", "id = 'ch_1'"],
    ["\t id\r\n=\u00a0'ch_1' \f", "id = 'ch_1'"],
    ["'ch_1' = id", "id = 'ch_1'"],
    ['10 < foo', 'foo > 10'],
    ['10 >= foo', 'foo <= 10'],
    ["a != 'x'", "a <> 'x'"],
    ["name = 'Charlie''s Angels'", "name = 'Charlie''s Angels'"],
    ["a = ''", "a = ''"],
    ["a = ''''", "a = ''''"],
    [
      'a = -5 and b = +5 and c=.5 and d = 5. and e = 1.5E-3',
      'a = -5 AND b = 5 AND c = 0.5 AND d = 5 AND e = 0.0015',
    ],
    ['a = -0', 'a = 0'],
    ['a = True and b = fAlse and c = NuLL', 'a = TRUE AND b = FALSE AND c = NULL'],
    ['livemode', 'livemode = TRUE'],
    ['not livemode or (x)', 'NOT livemode = TRUE OR x = TRUE'],
    ['a = 1 or b = 2 and not c = 3', 'a = 1 OR b = 2 AND NOT c = 3'],
    ['(a = 1 or b = 2) and c = 3', '(a = 1 OR b = 2) AND c = 3'],
    ['(((a = 1)))', 'a = 1'],
    ['a = 1 and (b = 2 and c = 3)', 'a = 1 AND (b = 2 AND c = 3)'],
    ["type like 'charge.%' and amount > 10", "type LIKE 'charge.%' AND amount > 10"],
    ["not type like 'a'", "type NOT LIKE 'a'"],
    ["not type not like 'a'", "NOT type NOT LIKE 'a'"],
    ["a like '5\\%' Escape '\\'", "a LIKE '5\\%' ESCAPE '\\'"],
    ["id in('a',1 , null,true)", "id IN ('a', 1, NULL, TRUE)"],
    ["id not in ('a')", "id NOT IN ('a')"],
    ['a between 1 and 2 and b not between 3 and 4', 'a BETWEEN 1 AND 2 AND b NOT BETWEEN 3 AND 4'],
    ['a is null or b is not null', 'a IS NULL OR b IS NOT NULL'],
    ["created after '2015-03-23'", "created > '2015-03-23'"],
    ["created Before '2015-03-23'", "created < '2015-03-23'"],
    ["created at or after '2015-03-23'", "created >= '2015-03-23'"],
    ['created AT OR BEFORE 1427068800000', 'created <= 1427068800000'],
    ["'2015-03-23' before created", "created > '2015-03-23'"],
    ["after after 1 and at at or before 2 and escape like 'x'", "after > 1 AND at <= 2 AND escape LIKE 'x'"],
    ['data.status = 1 and `data`."status" = 2', 'data.status = 1 AND data.status = 2'],
    ['"order-id" = 1 and `a``b` = 2 and "a""b" = 3', '"order-id" = 1 AND "a`b" = 2 AND "a""b" = 3'],
    ['`select` = 1 and "null" is null', 'select = 1 AND "null" IS NULL'],
  ])('%s → %s', (text, canonical) => {
    expect(read(text)).toBe(canonical)
  })
})

it('minus zero is read as zero', () => {
  expect(parseSelector('a = -0')).toMatchObject({ expression: { value: { value: 0 } } })
})

it('every part knows its place', () => {
  expect(parseSelector("x\n = 1 OR 'ch_1' = id")).toEqual({
    ok: true,
    expression: {
      kind: 'or',
      operands: [
        {
          kind: 'comparison',
          field: { name: 'x', position: 0 },
          operator: '=',
          value: { kind: 'number', value: 1, position: 5 },
        },
        {
          kind: 'comparison',
          field: { name: 'id', position: 19 },
          operator: '=',
          value: { kind: 'text', value: 'ch_1', position: 10 },
        },
      ],
    },
  })
})

describe('the error of a bad selector points at the place', () => {
  it.each([
    ['id = ', 'Expected a value after "=" at position 5, near "id = "'],
    ['', 'Expected a condition at position 0, near ""; the selector is empty'],
    [' \n', 'Expected a condition at position 2, near "  "; the selector is empty'],
    [
      'id = ch_1',
      'Expected a value after "=" at position 5, near "id = ch_1"; ch_1 is the name of a field; text is written as \'ch_1\'',
    ],
    ["id 'ch_1'", 'Expected an operator, such as =, after "id" at position 3, near "id \'ch_1\'"'],
    ["'a' = 'b'", 'Expected the name of a field after "=" at position 6, near "\'a\' = \'b\'"'],
    ["'a'", 'Expected an operator, such as =, after the value at position 3, near "\'a\'"'],
    ["id == 'a'", 'Expected a value after "=" at position 4, near "id == \'a\'"'],
    ["id = 'abc", "The ' has no closing ' at position 5, near \"id = 'abc\""],
    ['`id = 1', 'The ` has no closing ` at position 0, near "`id = 1"'],
    ['"" = 1', 'Expected a name between the quotes at position 0, near """ = 1"'],
    ['a. = 1', 'Expected the rest of the name after "." at position 2, near "a. = 1"'],
    ['id = ‘a’', 'Expected the plain quote \' instead of ‘ at position 5, near "id = ‘a’"'],
    ['id = 1;', 'Unexpected character ";" at position 6, near "id = 1;"'],
    ['id = 😀', 'Unexpected character "😀" at position 5, near "id = 😀"'],
    ['id = 1 -- x', 'Unexpected character "-" at position 7, near "id = 1 -- x"'],
    [
      "(id = 'a'",
      'Expected AND, OR or ")" at position 9, near "(id = \'a\'"; the "(" at position 0 is still open',
    ],
    ["id = 'a')", 'Expected AND, OR or the end at position 8, near "id = \'a\')"'],
    ["id = 'a' and", "Expected a condition, such as id = 'ch_1' at position 12, near \"id = 'a' and\""],
    ['()', 'Expected a condition, such as id = \'ch_1\' at position 1, near "()"'],
    ['not', 'Expected a condition, such as id = \'ch_1\' at position 3, near "not"'],
    ['a not = 1', 'Expected LIKE, IN or BETWEEN after NOT at position 6, near "a not = 1"'],
    ['a is 1', 'Expected NULL or NOT NULL after IS at position 5, near "a is 1"'],
    ['a is not', 'Expected NULL after IS NOT at position 8, near "a is not"'],
    ['a in 1', 'Expected "(" after IN at position 5, near "a in 1"'],
    ['a in ()', 'Expected a value after "(" at position 6, near "a in ()"'],
    ['a in (1 2)', 'Expected "," or ")" in the list of IN at position 8, near "a in (1 2)"'],
    [
      'a between 1 or 2',
      'Expected AND and a second value after BETWEEN at position 12, near "a between 1 or 2"',
    ],
    ['a like 5', 'Expected a pattern in single quotes after LIKE at position 7, near "a like 5"'],
    [
      "a like 'x' escape 'ab'",
      "Expected exactly one character after ESCAPE at position 18, near \" 'x' escape 'ab'\"",
    ],
    [
      "a like 'x!' escape '!'",
      'The LIKE pattern ends with its escape character at position 7, near "a like \'x!\' escape "',
    ],
    ['a at 5', 'Expected "or after" or "or before" after "at" at position 5, near "a at 5"'],
    ['a > true', 'TRUE and FALSE can be compared with = and <> only at position 4, near "a > true"'],
    ['a = 10abc', 'Expected a space or an operator after the number "10" at position 6, near "a = 10abc"'],
    ['a = 1_000', 'Expected a space or an operator after the number "1" at position 5, near "a = 1_000"'],
    ['a = 1.2.3', 'Expected a space or an operator after the number "1.2" at position 7, near "a = 1.2.3"'],
    [
      'a = 9007199254740993',
      'The number "9007199254740993" is beyond the limit of 9007199254740991 at position 4, near "a = 900719925474"',
    ],
    [
      'a = 1e400',
      'The number "1e400" is beyond the limit of 9007199254740991 at position 4, near "a = 1e400"',
    ],
    ["a = 'x\0'", 'The selector holds a NUL character at position 6, near "a = \'x \'"'],
    ["a = '\ud83d'", 'The selector holds half of a surrogate pair at position 5, near "a = \'\ufffd\'"'],
  ])('%s', (text, message) => {
    expect(messageOf(text)).toBe(message)
  })

  it('the first problem is reported, not a later one', () => {
    expect(messageOf("id id ^ 'abc")).toContain('at position 3')
  })
})

describe('a limit is named when it is passed', () => {
  it('10,000 characters are read and 10,001 are refused', () => {
    const fitting = `a = '${'x'.repeat(9_994)}'`
    expect(fitting).toHaveLength(10_000)
    expect(parseSelector(fitting).ok).toBe(true)
    expect(messageOf(`${fitting} `)).toContain('longer than the limit of 10000 characters at position 10000')
  })

  it('64 levels of parentheses and NOT are read and 65 are refused', () => {
    const nested = (levels: number) => `${'(NOT '.repeat(levels / 2)}a${')'.repeat(levels / 2)}`
    expect(parseSelector(nested(64)).ok).toBe(true)
    expect(messageOf(nested(66))).toContain('deeper than the limit of 64 levels at position 160')
    expect(messageOf('('.repeat(5_000))).toContain('deeper than the limit of 64 levels at position 64')
    expect(messageOf('NOT '.repeat(2_500))).toContain('deeper than the limit of 64 levels')
  })

  it('levels that are closed no longer count', () => {
    expect(parseSelector(Array(100).fill('((NOT a))').join(' AND ')).ok).toBe(true)
  })

  it('1,000 conditions or listed values are read and 1,001 are refused', () => {
    const conditions = (count: number) => Array.from({ length: count }, () => 'a').join(' OR ')
    const values = (count: number) => `a IN (${Array.from({ length: count }, () => '1').join(',')})`
    for (const text of [conditions, values]) {
      expect(parseSelector(text(1_000)).ok).toBe(true)
      expect(messageOf(text(1_001))).toContain('more than the limit of 1000 conditions and listed values')
    }
  })

  it('a caller may set other limits', () => {
    const outcome = parseSelector('((a))', { limits: { depth: 1 } })
    expect(outcome.ok ? '' : outcome.error.message).toContain('the limit of 1 levels')
  })
})
