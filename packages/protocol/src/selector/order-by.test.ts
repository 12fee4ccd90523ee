import { describe, expect, it } from 'vitest'
import { parseOrderBy } from './order-by.ts'
import { sampleFields } from './selector-arbitraries.conformance.ts'

const parse = (text: string) => parseOrderBy(text, sampleFields, 'StripeEvents')

describe('a sort order', () => {
  it('has asc where no direction is told, and takes any case', () => {
    expect(parse('created desc,id')).toEqual({
      ok: true,
      order: [
        { field: 'created', direction: 'desc' },
        { field: 'id', direction: 'asc' },
      ],
    })
    expect(parse(' `id`  ASC ,\n"created" DESC ')).toMatchObject({
      ok: true,
      order: [
        { field: 'id', direction: 'asc' },
        { field: 'created', direction: 'desc' },
      ],
    })
  })

  it('may be empty', () => {
    expect(parse(' ')).toEqual({ ok: true, order: [] })
  })

  it.each([
    ['id, x', "Column 'x' does not exist in table 'StripeEvents'", 4],
    ['constructor', "Column 'constructor' does not exist in table 'StripeEvents'", 0],
    ['id,', 'Expected the name of a column at position 3, near "id,"', 3],
    ['id down', 'Expected asc, desc or "," after "id" at position 3, near "id down"', 3],
    ['id desc asc', 'Expected "," or the end at position 8, near "id desc asc"', 8],
    ['id; drop', 'Unexpected character ";" at position 2, near "id; drop"', 2],
    [Array(21).fill('id').join(), 'The sort order has more than the limit of 20 columns at position 60', 60],
    ['id'.padEnd(1001), 'The sort order is longer than the limit of 1000 characters at position 1000', 1000],
  ])('%s is refused', (text, message, position) => {
    const outcome = parse(text)
    if (outcome.ok) throw new Error('it was accepted')
    expect(outcome.error.message).toContain(message)
    expect(outcome.error.position).toBe(position)
  })
})
