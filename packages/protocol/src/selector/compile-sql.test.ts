import { describe, expect, it } from 'vitest'
import { compileSql, type SqlDialect } from './compile-sql.ts'
import { parseSelector } from './parse-selector.ts'
import { sampleFields } from './selector-arbitraries.conformance.ts'

function compile(text: string, dialect: SqlDialect, firstParameter?: number) {
  const outcome = parseSelector(text)
  if (!outcome.ok) throw new Error(outcome.error.message)
  const options = firstParameter === undefined ? {} : { firstParameter }
  return compileSql(outcome.expression, sampleFields, dialect, options)
}

describe('SQL of a clause', () => {
  it('holds every value as a parameter, in order', () => {
    const text =
      "id = 'x'' OR 1=1 --' AND (amount > 10 OR ratio <= 0.5) AND status IN ('a', 'b') AND NOT livemode"
    expect(compile(text, 'sqlite')).toEqual({
      sql: '(((id = ?) AND ((amount > ?) OR (ratio <= ?))) AND (("status" IN (?, ?)) AND (NOT (livemode = 1))))',
      parameters: ["x' OR 1=1 --", 10, 0.5, 'a', 'b'],
    })
    expect(compile(text, 'postgres')).toEqual({
      sql: '(((id = $1::text) AND ((amount > $2::bigint) OR (ratio <= $3::double precision))) AND (("status" IN ($4::text, $5::text)) AND (NOT (livemode = TRUE))))',
      parameters: ["x' OR 1=1 --", 10, 0.5, 'a', 'b'],
    })
  })

  it('numbers its parameters from where the caller says', () => {
    expect(compile("id = 'a' AND amount = 1", 'postgres', 4).sql).toBe(
      '((id = $4::text) AND (amount = $5::bigint))',
    )
  })

  it('orders text by code points and folds A to Z only, whatever the language of the database', () => {
    expect(compile("id > 'a' AND id LIKE 'Ch!_%' ESCAPE '!'", 'postgres')).toEqual({
      sql: `((id COLLATE "C" > $1::text) AND (lower(id COLLATE "C") LIKE $2::text ESCAPE '\\'))`,
      parameters: ['a', 'ch\\_%'],
    })
  })

  it('turns a date into milliseconds', () => {
    expect(compile("created at or after '2015-03-23'", 'sqlite')).toEqual({
      sql: '(created >= ?)',
      parameters: [1427068800000],
    })
  })

  it('keeps a comparison with NULL unknown', () => {
    expect(compile('id = NULL', 'sqlite').sql).toBe('(NULL)')
    expect(compile('id IN (NULL)', 'postgres').sql).toBe('(NULL::boolean)')
  })
})
