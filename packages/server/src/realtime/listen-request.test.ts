import { describe, expect, test } from 'vitest'
import { aStoredEvent } from '../../../../test/support/an-event.ts'
import { readSelector, readWhereClause } from './listen-request.ts'
import { createPublication } from './publication.ts'

const publication = createPublication(aStoredEvent(1, { chargeId: 'ch_a', amount: 20 }))

describe('a selector', () => {
  test.each([[null], [''], ['  \n']])('%j is no filter and pins nothing', (text) => {
    const request = readSelector(text, null)
    expect([request.matches(publication), request.pins.size]).toEqual([true, 0])
  })

  test('reads headers, which are text that compares as numbers where a number is written', () => {
    expect(readSelector('amount > 3', null).matches(publication)).toBe(true)
    expect(readSelector("amount = '20'", null).matches(publication)).toBe(true)
    expect(readSelector("livemode = 'false'", null).matches(publication)).toBe(true)
    expect(readSelector("orderId <> 'x'", null).matches(publication)).toBe(false)
  })

  test('and the transaction of the channel must both hold', () => {
    const request = readSelector('amount > 3', 'ch_a')
    expect(request.pins).toEqual(new Map([['id', new Set(['ch_a'])]]))
    expect(request.matches(publication)).toBe(true)
    expect(readSelector('amount > 3', 'ch_b').matches(publication)).toBe(false)
    expect(readSelector("id = 'ch_b'", 'ch_a').matches(publication)).toBe(false)
  })

  test('that does not parse says where', () => {
    expect(() => readSelector('id = ', null)).toThrow(
      expect.objectContaining({
        code: 'selector_invalid',
        param: 'selector',
        details: expect.objectContaining({ position: 5 }),
      }),
    )
  })
})

describe('a where clause', () => {
  test('reads typed columns, those that are no headers among them', () => {
    const clause = `amount > 3 and livemode = false and created > 1000000000000 and objectId = '${publication.event.objectId}'`
    const request = readWhereClause(clause)
    expect(request.matches(publication)).toBe(true)
    expect(request.pins.size).toBe(0)
    expect(readWhereClause("id = 'ch_a'").pins).toEqual(new Map([['id', new Set(['ch_a'])]]))
  })

  test.each([
    ["colour = 'red'", 'column_unknown'],
    ["amount = 'much'", 'where_clause_invalid'],
    ['id = ', 'where_clause_invalid'],
  ])('%s is refused as %s', (clause, code) => {
    expect(() => readWhereClause(clause)).toThrow(expect.objectContaining({ code, param: 'whereClause' }))
  })
})

test.each([
  ["id = 'ch_a'", true],
  ["'ch_a' = id", true],
  ["orderId in ('a', 'b')", true],
  ["id in ('a', null)", false],
  ['id = 5', false],
  ["id <> 'a'", false],
  ["not id in ('a')", false],
  ["id = 'a' and amount > 5", false],
  ["apiVersion = 'a'", false],
  ['', false],
])('whether the pins alone decide %j: %s', (selector, decided) => {
  expect(readSelector(selector, null).decidedByPins).toBe(decided)
  expect(readWhereClause(selector === 'id = 5' ? "id like 'x'" : selector).decidedByPins).toBe(decided)
})
