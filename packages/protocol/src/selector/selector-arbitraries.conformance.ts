/** Generated selectors, headers and rows for the property tests: small alphabets, so that values collide. */

import fc from 'fast-check'
import type { FieldType, SelectorFields } from './fields.ts'
import { parseLikePattern } from './like-pattern.ts'
import type { SelectorRow } from './match-selector.ts'
import type { ComparisonOperator, Condition, Expression, Literal } from './selector-ast.ts'

const position = 0

/** Columns of every type, as the table of `selector-sql.conformance.ts` has them. */
export const sampleFields = {
  id: { type: 'string', sql: 'id' },
  status: { type: 'string', sql: '"status"' },
  amount: { type: 'number', sql: 'amount' },
  ratio: { type: 'number', sql: 'ratio' },
  livemode: { type: 'boolean', sql: 'livemode' },
  created: { type: 'timestamp', sql: 'created' },
} as const satisfies SelectorFields

/** Texts that look like numbers, booleans, patterns or SQL, and some that differ only above U+FFFF. */
const trickyTexts = [
  '',
  ' ',
  'ch_1',
  'CH_1',
  "it's",
  "''",
  '"',
  '\\',
  '%',
  '_',
  'a%',
  'a\\%b',
  'true',
  'TRUE',
  'false',
  'null',
  '0',
  '-0',
  '5',
  '05',
  '5.0',
  '5.',
  '.5',
  '+5',
  ' 5',
  '5 ',
  '5\n',
  '-5',
  '--5',
  '5-',
  '5-5',
  '-',
  '.',
  '-.5',
  '1.5.5',
  '1e3',
  '0x10',
  '1_0',
  '١',
  '５',
  '123456789012345',
  '1234567890123456',
  '0.1',
  '0.12345678901234',
  '0.123456789012345',
  '9007199254740993',
  'é',
  'É',
  'ß',
  'İ',
  'K',
  '\uff5e',
  '😀',
  '😀a',
  'a😀',
  '\u{10ffff}',
  '10',
  '9',
  '日本',
]

export const textArbitrary: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...trickyTexts),
  fc.string({
    unit: fc.constantFrom('a', 'A', 'b', '_', '%', '\\', "'", '5', '.', '-', 'é', '😀'),
    maxLength: 6,
  }),
  fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => !text.includes('\0')),
)

export const numberArbitrary: fc.Arbitrary<number> = fc
  .oneof(
    fc.constantFrom(0, 1, -5, 5, 9, 10, 0.1, 1.5, 1e-7, 123456789012345, Number.MAX_SAFE_INTEGER),
    fc.integer({ min: -20, max: 20 }),
    fc.maxSafeInteger(),
    fc.double({ min: -1e15, max: 1e15, noNaN: true }),
  )
  .map((value) => value + 0)

const dateTextArbitrary = fc.oneof(
  fc.constantFrom('2015-03-23', '23-Mar-2015', '03/23/2015', '03/23/2015 10:15:00 EST', '1427068800000'),
  fc
    .date({
      min: new Date('1970-01-01T00:00:00Z'),
      max: new Date('2100-01-01T00:00:00Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString()),
)

const timestampArbitrary = fc.oneof(
  fc.constantFrom(1427068800000, 1427123700000, 0),
  fc.integer({ min: -1000, max: 4_102_444_800_000 }),
)

const textLiteral = (text: fc.Arbitrary<string>): fc.Arbitrary<Literal> =>
  text.map((value) => ({ kind: 'text', value, position }))
const numberLiteral = (value: fc.Arbitrary<number>): fc.Arbitrary<Literal> =>
  value.map((number) => ({ kind: 'number', value: number, position }))
const booleanLiteral: fc.Arbitrary<Literal> = fc
  .boolean()
  .map((value) => ({ kind: 'boolean', value, position }))
const nullLiteral: fc.Arbitrary<Literal> = fc.constant({ kind: 'null', position })

const decimalTexts = fc.constantFrom('0', '5', '05', '-5', '5.0', '10', '1.5', '0.1', '123456789012345')

/** Literals that a column of the type accepts. */
function literalFor(type: FieldType, text: fc.Arbitrary<string>): fc.Arbitrary<Literal> {
  switch (type) {
    case 'string':
      return fc.oneof(
        { weight: 6, arbitrary: textLiteral(text) },
        { weight: 3, arbitrary: numberLiteral(numberArbitrary) },
        booleanLiteral,
        nullLiteral,
      )
    case 'number':
      return fc.oneof(
        { weight: 6, arbitrary: numberLiteral(numberArbitrary) },
        textLiteral(decimalTexts),
        nullLiteral,
      )
    case 'boolean':
      return fc.oneof(
        { weight: 4, arbitrary: booleanLiteral },
        textLiteral(fc.constantFrom('true', 'FALSE', '1', '0')),
        numberLiteral(fc.constantFrom(0, 1)),
        nullLiteral,
      )
    case 'timestamp':
      return fc.oneof(
        { weight: 3, arbitrary: numberLiteral(timestampArbitrary) },
        { weight: 3, arbitrary: textLiteral(dateTextArbitrary) },
        nullLiteral,
      )
  }
}

const equalities: readonly ComparisonOperator[] = ['=', '<>']
const orders: readonly ComparisonOperator[] = ['<', '<=', '>', '>=']

function conditionArbitrary(name: string, type: FieldType, text = textArbitrary): fc.Arbitrary<Condition> {
  const field = { name, position }
  const literal = literalFor(type, text)
  const equality: fc.Arbitrary<Condition> = fc.record({
    kind: fc.constant('comparison' as const),
    field: fc.constant(field),
    operator: fc.constantFrom(...equalities),
    value: literal,
  })
  const list: fc.Arbitrary<Condition> = fc.record({
    kind: fc.constant('in' as const),
    field: fc.constant(field),
    values: fc.array(literal, { minLength: 1, maxLength: 5 }),
  })
  const isNull: fc.Arbitrary<Condition> = fc.constant({ kind: 'isNull', field })
  if (type === 'boolean') return fc.oneof(equality, list, isNull)
  const ordered = literal.filter(({ kind }) => kind !== 'boolean')
  const order: fc.Arbitrary<Condition> = fc.record({
    kind: fc.constant('comparison' as const),
    field: fc.constant(field),
    operator: fc.constantFrom(...orders),
    value: ordered,
  })
  const between: fc.Arbitrary<Condition> = fc.record({
    kind: fc.constant('between' as const),
    field: fc.constant(field),
    low: ordered,
    high: ordered,
  })
  if (type !== 'string') return fc.oneof(equality, list, isNull, order, between)
  const like: fc.Arbitrary<Condition> = fc
    .record({
      kind: fc.constant('like' as const),
      field: fc.constant(field),
      pattern: text,
      escapedBy: fc.constantFrom(null, null, '\\', '%', '_', 'a', '😀'),
    })
    .filter(({ pattern, escapedBy }) => parseLikePattern(pattern, escapedBy).ok)
  return fc.oneof(equality, list, isNull, order, between, like)
}

/** AND, OR and NOT over the conditions, in every nesting. */
function expressionArbitrary(condition: fc.Arbitrary<Condition>): fc.Arbitrary<Expression> {
  return fc.letrec<{ expression: Expression }>((tie) => ({
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      condition,
      fc.record({ kind: fc.constant('not' as const), operand: tie('expression') }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        operands: fc.array(tie('expression'), { minLength: 2, maxLength: 4 }),
      }),
    ),
  })).expression
}

/** Where clauses that `checkFields` accepts for `sampleFields`. */
export const clauseArbitrary: fc.Arbitrary<Expression> = expressionArbitrary(
  fc.oneof(...Object.entries(sampleFields).map(([name, { type }]) => conditionArbitrary(name, type))),
)

/** Header names that have to be quoted in every way, and names that objects inherit. */
export const headerNames = [
  'id',
  'type',
  'data.status',
  'order',
  'and',
  'x"y`z',
  '1st',
  'constructor',
  'é',
] as const

export const selectorArbitrary: fc.Arbitrary<Expression> = expressionArbitrary(
  fc.oneof(...headerNames.map((name) => conditionArbitrary(name, 'string'))),
)

export const headersArbitrary: fc.Arbitrary<SelectorRow> = fc.dictionary(
  fc.constantFrom(...headerNames),
  textArbitrary,
)

/** Selectors over two headers with a handful of values, so that many of them pin. */
const fewTexts = ['a', 'b', 'A', '5', '05', 'true', 'false']
export const denseSelectorArbitrary: fc.Arbitrary<Expression> = expressionArbitrary(
  fc.oneof(...['id', 'type'].map((name) => conditionArbitrary(name, 'string', fc.constantFrom(...fewTexts)))),
)

/** Every message that has those headers, those values or none. */
export const denseHeaders: readonly SelectorRow[] = [undefined, ...fewTexts].flatMap((id) =>
  [undefined, ...fewTexts].map((type) => ({ id, type })),
)

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4 })

export const rowArbitrary = fc.record({
  id: orNull(textArbitrary),
  status: orNull(textArbitrary),
  amount: orNull(numberArbitrary.map(Math.trunc).map((value) => value + 0)),
  ratio: orNull(numberArbitrary),
  livemode: orNull(fc.boolean()),
  created: orNull(timestampArbitrary),
})

export type SampleRow = typeof rowArbitrary extends fc.Arbitrary<infer Row> ? Row : never
