import { describe, expect, it } from 'vitest'
import { matchesLike, parseLikePattern, segmentLimit } from './like-pattern.ts'

function like(value: string, pattern: string, escapedBy: string | null = null): boolean {
  const outcome = parseLikePattern(pattern, escapedBy)
  if (!outcome.ok) throw new Error(outcome.problem)
  return matchesLike(value, outcome.pattern)
}

describe('LIKE', () => {
  it.each([
    ['charge.succeeded', 'charge.%', true],
    ['charge.succeeded', '%.succeeded', true],
    ['charge.succeeded', '%ge.suc%', true],
    ['charge.succeeded', 'charge', false],
    ['charge.succeeded', 'Charge.S%', true],
    ['', '', true],
    ['', '%', true],
    ['', '_', false],
    ['a', '%%', true],
    ['aXbXc', 'a%b%c', true],
    ['ab', 'a%ab', false],
    ['aba', 'ab%ba', false],
    ['abba', 'ab%ba', true],
    ['aaab', '%aab', true],
    ['ababac', '%abac%', true],
    ['xaaay', 'x%aa%aa%y', false],
    ['ch_1', 'ch_1', true],
    ['chx1', 'ch_1', true],
    ['abc', '_b_', true],
    ['abcd', '%b_d', true],
    ['abcd', '%_c%', true],
    ['abcd', '%____%', true],
    ['abc', '%____%', false],
    ['É', 'é', false],
    ['\u212a', 'k', false],
    ['ſ', 's', false],
  ])('%s like %s is %s', (value, pattern, matches) => {
    expect(like(value, pattern)).toBe(matches)
  })

  it('_ is one character, also above U+FFFF', () => {
    expect(like('😀', '_')).toBe(true)
    expect(like('😀', '__')).toBe(false)
    expect(like('a😀b', 'a_b')).toBe(true)
    expect(like('😀b', '%_b')).toBe(true)
    expect(like('b😀', '%b_%')).toBe(true)
    expect(like('😀', '%__%')).toBe(false)
    expect(like('x😀', '%😀')).toBe(true)
  })

  it('the escape character takes the meaning of the next one away, its own too', () => {
    expect(like('5%', '5!%', '!')).toBe(true)
    expect(like('5x', '5!%', '!')).toBe(false)
    expect(like('a!b', 'a!!b', '!')).toBe(true)
    expect(like('ab', 'a!b', '!')).toBe(true)
    expect(like('a%', 'a%%', '%')).toBe(true)
    expect(like('a\\x', 'a\\%')).toBe(true)
  })

  it('for SQL a pattern is folded and escaped with a backslash', () => {
    const sqlOf = (text: string, escapedBy: string | null) => {
      const outcome = parseLikePattern(text, escapedBy)
      return outcome.ok ? outcome.pattern.sql : outcome.problem
    }
    expect(sqlOf('Ch!_1\\%%É_', '!')).toBe('ch\\_1\\\\%É_')
    expect(sqlOf('!%%', '!')).toBe('\\%%')
  })

  it('a long segment with _ between two % is refused, and one at an end or without _ is not', () => {
    const long = 'a'.repeat(segmentLimit)
    expect(parseLikePattern(`%${long}_%`, null)).toEqual({
      ok: false,
      problem: 'A LIKE pattern that uses _ may hold at most 64 characters between two %',
    })
    expect(parseLikePattern(`${long}_%${long}%_${long}`, null).ok).toBe(true)
  })
})
