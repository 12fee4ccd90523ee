/** `findById({column: value, …})`: a query string that names one row by the values of its columns. */
import type { Expression } from '@tollbridge/protocol'
import { ServiceError } from '../../errors.ts'
import { stripeEventColumns } from '../../store/event-columns.ts'
import { checkWhere } from '../../store/where-clause.ts'
import type { GivenParameters } from './data-query.ts'

/** Parameters of a read that stand beside the columns in the same query string. */
const NOT_COLUMNS = new Set(['props', 'property', 'excludeProps', 'relationsDepth', 'loadRelations'])

/** Every column must have its value; as in a where clause, the column decides what a text means. */
export function parsePrimaryKey(query: GivenParameters): Expression {
  const conditions = Object.entries(query).flatMap(([name, value]) =>
    NOT_COLUMNS.has(name) ? [] : [equals(name, value)],
  )
  const [first, ...others] = conditions
  if (first === undefined) {
    throw new ServiceError('parameter_missing', {
      message: 'Name the row by at least one column, such as findById({ id: "ch_…" }).',
      param: 'id',
    })
  }
  return checkWhere(others.length === 0 ? first : { kind: 'and', operands: conditions }, first.field.name)
}

function equals(name: string, value: unknown): Expression & { readonly kind: 'comparison' } {
  if (typeof value !== 'string') {
    throw new ServiceError('parameter_invalid', {
      message: `The column ${name.slice(0, 60)} is named more than once; a row has one value for it.`,
      param: name,
    })
  }
  const isMilliseconds =
    Object.hasOwn(stripeEventColumns, name) &&
    stripeEventColumns[name as keyof typeof stripeEventColumns] === 'timestamp' &&
    /^\d{1,15}$/.test(value)
  return {
    kind: 'comparison',
    field: { name, position: 0 },
    operator: '=',
    value: isMilliseconds
      ? { kind: 'number', value: Number(value), position: 0 }
      : { kind: 'text', value, position: 0 },
  }
}
