/** What every SQL dialect must do: select exactly the rows that the matcher matches in memory. */

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFields } from './check-fields.ts'
import { readDecimalText } from './coerce-literal.ts'
import { compileSql, type SelectorSql, type SqlDialect } from './compile-sql.ts'
import { compileMatcher } from './match-selector.ts'
import { parseSelector } from './parse-selector.ts'
import {
  clauseArbitrary,
  rowArbitrary,
  type SampleRow,
  sampleFields,
} from './selector-arbitraries.conformance.ts'
import type { Expression } from './selector-ast.ts'

export interface SampleDatabase {
  /** Replaces all rows of the table; a row's number is its index. */
  fill(rows: readonly SampleRow[]): Promise<void>
  /** The numbers of the rows that fulfil the clause, in order. */
  select(where: SelectorSql): Promise<number[]>
  close(): Promise<void>
}

export function selectorSqlConformance(
  dialect: SqlDialect,
  open: () => Promise<SampleDatabase>,
  runs: number,
): void {
  describe(`selectors on ${dialect}`, () => {
    let database: SampleDatabase
    beforeAll(async () => {
      database = await open()
    })
    afterAll(() => database.close())

    const inMemory = (rows: readonly SampleRow[], clause: Expression) => {
      const matches = compileMatcher(clause, sampleFields)
      return rows.flatMap((row, index) => (matches(row) ? [index] : []))
    }
    const inSql = (clause: Expression) => database.select(compileSql(clause, sampleFields, dialect))

    it('a clause selects the rows in SQL that it matches in memory', async () => {
      let matched = 0
      const rowsAndClauses = fc.asyncProperty(
        fc.array(rowArbitrary, { minLength: 1, maxLength: 12 }),
        fc.array(clauseArbitrary, { minLength: 1, maxLength: 8 }),
        async (rows, clauses) => {
          await database.fill(rows)
          for (const clause of clauses) {
            expect(checkFields(clause, sampleFields, 'Samples')).toBeUndefined()
            const expected = inMemory(rows, clause)
            matched += expected.length
            expect(await inSql(clause), JSON.stringify(compileSql(clause, sampleFields, dialect))).toEqual(
              expected,
            )
          }
        },
      )
      await fc.assert(rowsAndClauses, { numRuns: runs })
      // Two empty answers are always equal; the property means something only if many are not empty.
      expect(matched).toBeGreaterThan(runs)
    })

    it('decimal text is the same number in SQL as in memory', async () => {
      const decimalText = fc
        .tuple(fc.boolean(), fc.stringMatching(/^[0-9]{1,15}$/), fc.nat({ max: 15 }))
        .map(([minus, digits, point]) => {
          const places = point % digits.length
          const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
          return minus ? `-${text}` : text
        })
      const exact = fc.asyncProperty(
        fc.array(decimalText, { minLength: 20, maxLength: 40 }),
        async (texts) => {
          const rows = texts.map((text) => ({ ...emptyRow, id: text, ratio: Number(text) }))
          await database.fill(rows)
          for (const [index, text] of texts.slice(0, 10).entries()) {
            const value = readDecimalText(text)
            if (value === null) throw new Error(`${text} should be decimal text`)
            const clause = comparison('id', value)
            expect(await inSql(clause), text).toContain(index)
            expect(await inSql(clause), text).toEqual(inMemory(rows, clause))
          }
        },
      )
      await fc.assert(exact, { numRuns: Math.ceil(runs / 5) })
    })

    it('the same texts are decimal in SQL as in memory', async () => {
      const characters = ['5', '0', '-', '.', 'e', ' ', '+']
      const longer = (texts: string[]) => texts.flatMap((text) => characters.map((char) => text + char))
      const upToFour = [1, 2, 3, 4].reduce((lists) => [...lists, longer(lists.at(-1) ?? [])], [['']]).flat()
      const rows = upToFour.map((id) => ({ ...emptyRow, id }))
      await database.fill(rows)
      const anyNumber: Expression = { kind: 'or', operands: [comparison('id', 5), notEqual('id', 5)] }
      const decimal = upToFour.flatMap((text, index) => (/^-?[05]+([.][05]+)?$/.test(text) ? [index] : []))
      expect(inMemory(rows, anyNumber)).toEqual(decimal)
      expect(await inSql(anyNumber)).toEqual(decimal)
    })

    it('a selector of the largest size and depth runs', async () => {
      await database.fill([
        { ...emptyRow, id: 'x999' },
        { ...emptyRow, id: 'y' },
      ])
      const longOr = Array.from({ length: 1_000 }, (_, i) => `id='x${i}'`)
        .join(' OR ')
        .slice(0, 10_000)
      const nested = Array.from({ length: 32 }, () => "NOT(id='z' OR id='w' AND ").join('')
      const texts = [
        longOr.slice(0, longOr.lastIndexOf(' OR ')),
        `id IN (${Array.from({ length: 1_000 }, (_, i) => `'x${i}'`).join(',')})`,
        `${nested}id='y'${')'.repeat(32)}`,
        `${'('.repeat(64)}id = 'y'${')'.repeat(64)}`,
        `${'NOT '.repeat(64)}id = 'y'`,
        `id LIKE '${'%a'.repeat(4_900)}'`,
      ]
      for (const text of texts) {
        const outcome = parseSelector(text)
        if (!outcome.ok) throw new Error(outcome.error.message)
        const rows = [
          { ...emptyRow, id: 'x999' },
          { ...emptyRow, id: 'y' },
        ]
        expect(await inSql(outcome.expression)).toEqual(inMemory(rows, outcome.expression))
      }
    })
  })
}

const emptyRow: SampleRow = {
  id: null,
  status: null,
  amount: null,
  ratio: null,
  livemode: null,
  created: null,
}

function notEqual(name: string, value: number): Expression {
  return { kind: 'not', operand: comparison(name, value) }
}

function comparison(name: string, value: number): Expression {
  const literal = { kind: 'number', value: value + 0, position: 0 } as const
  return { kind: 'comparison', field: { name, position: 0 }, operator: '=', value: literal }
}
