import { describe, expect, test } from 'vitest'
import { ServiceError } from '../../errors.ts'
import { stripeEventColumns } from '../../store/event-columns.ts'
import { parseDataQuery } from './data-query.ts'

const allColumns = Object.keys(stripeEventColumns)

function refusal(given: Record<string, unknown>): ServiceError {
  try {
    parseDataQuery(given)
  } catch (error) {
    if (error instanceof ServiceError) return error
  }
  throw new Error('Expected a refusal')
}

test('an empty query asks for the first ten rows, newest first, with every column', () => {
  expect(parseDataQuery({})).toEqual({ where: null, orderBy: [], limit: 10, offset: 0, columns: allColumns })
})

test('numbers may be text, as a query string carries them', () => {
  expect(parseDataQuery({ pageSize: '50', offset: '5' })).toMatchObject({ limit: 50, offset: 5 })
})

test.each([
  ['pageSize', 0],
  ['pageSize', 101],
  ['pageSize', '101'],
  ['pageSize', 1.5],
  ['pageSize', '1e1'],
  ['pageSize', 'ten'],
  ['pageSize', [10, 20]],
  ['offset', -1],
  ['offset', '99999999999999999999'],
])('%s %j is refused by name', (param, value) => {
  expect(refusal({ [param]: value })).toMatchObject({
    code: 'parameter_invalid',
    param,
    message: expect.stringContaining(param),
  })
})

describe('columns', () => {
  test('props as a comma list, as an array, and repeated property are the same', () => {
    const expected = { columns: ['objectId', 'id', 'type'] }
    expect(parseDataQuery({ props: 'id,type' })).toMatchObject(expected)
    expect(parseDataQuery({ props: ['type', 'id'] })).toMatchObject(expected)
    expect(parseDataQuery({ property: ['id', ' type '] })).toMatchObject(expected)
  })

  test('excludeProps takes columns away but never the objectId', () => {
    const { columns } = parseDataQuery({ excludeProps: 'payload,objectId' })
    expect(columns).toEqual(allColumns.filter((name) => name !== 'payload'))
  })

  test('a star means every column', () => {
    expect(parseDataQuery({ props: '*' }).columns).toEqual(allColumns)
  })

  test('an unknown column is named, with the columns there are', () => {
    expect(refusal({ props: 'id,total' })).toMatchObject({
      code: 'column_unknown',
      param: 'props',
      message: expect.stringMatching(
        /^Column 'total' does not exist in table 'StripeEvents'; the columns are objectId, /,
      ),
    })
    expect(refusal({ excludeProps: '__proto__' })).toMatchObject({ code: 'column_unknown' })
  })

  test('an aggregate is refused with what to do instead', () => {
    expect(refusal({ props: 'Count(objectId) as cnt,type' })).toMatchObject({
      code: 'parameter_invalid',
      message: expect.stringContaining('ask for their count'),
    })
  })
})

describe('what would change the rows is refused', () => {
  test.each([
    ['groupBy', 'type'],
    ['groupBy', ['type']],
    ['having', 'count(objectId) > 1'],
    ['loadRelations', 'charge'],
  ])('%s', (param, value) => {
    expect(refusal({ [param]: value })).toMatchObject({ code: 'parameter_invalid', param })
  })

  test('but not when an SDK sends it empty', () => {
    const idle = { groupBy: '', having: null, loadRelations: [], relationsDepth: 0, distinct: true }
    expect(parseDataQuery(idle)).toEqual(parseDataQuery({}))
  })

  test('nor a depth of relations, for a table that has none answers its rows', () => {
    expect(parseDataQuery({ relationsDepth: 1 })).toEqual(parseDataQuery({}))
    expect(parseDataQuery({ relationsDepth: '2' })).toEqual(parseDataQuery({}))
  })
})

describe('where', () => {
  test('blank means every row', () => {
    expect(parseDataQuery({ where: '  ' }).where).toBeNull()
  })

  test('a clause that does not parse is refused with its place', () => {
    expect(refusal({ where: "id = 'ch_1' and" })).toMatchObject({
      code: 'where_clause_invalid',
      param: 'where',
      message: expect.stringMatching(/^where cannot be read\. .* at position 15, near ".*"\.$/),
      details: { position: 15 },
    })
  })

  test('an unknown column is named with its place', () => {
    expect(refusal({ where: "id = 'ch_1' and total > 5" })).toMatchObject({
      code: 'column_unknown',
      message: expect.stringMatching(
        /^Column 'total' does not exist in table 'StripeEvents' \(position 16 of where\)/,
      ),
    })
  })

  test('a value that its column cannot hold is refused with its place', () => {
    expect(refusal({ where: "amount > 'many'" })).toMatchObject({
      code: 'where_clause_invalid',
      message: expect.stringContaining("Column 'amount' holds numbers"),
    })
  })

  test('the payload can be read but not compared', () => {
    expect(refusal({ where: "payload = 'x'" })).toMatchObject({
      code: 'column_unknown',
      message: expect.stringContaining("'payload' can be read but not compared"),
    })
  })

  test('only one clause is taken', () => {
    expect(refusal({ where: ["id = 'a'", "id = 'b'"] })).toMatchObject({ code: 'parameter_invalid' })
  })
})

describe('sortBy', () => {
  test('as a text and as an array', () => {
    const orderBy = [
      { field: 'created', direction: 'desc' },
      { field: 'id', direction: 'asc' },
    ]
    expect(parseDataQuery({ sortBy: 'created DESC, id' }).orderBy).toEqual(orderBy)
    expect(parseDataQuery({ sortBy: ['created desc', 'id'] }).orderBy).toEqual(orderBy)
  })

  test('an unknown column and a wrong direction are refused', () => {
    expect(refusal({ sortBy: 'total desc' })).toMatchObject({ code: 'column_unknown', param: 'sortBy' })
    expect(refusal({ sortBy: 'created upwards' })).toMatchObject({
      code: 'where_clause_invalid',
      param: 'sortBy',
      message: expect.stringMatching(/^sortBy cannot be read\..*position/),
    })
  })
})
