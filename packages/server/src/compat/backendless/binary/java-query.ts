/** What a Java app asks for, in its many forms of arguments → the parameters that the JSON door takes. */
import { ServiceError } from '../../../errors.ts'
import type { PlainValue } from '../amf/plain-value.ts'
import type { GivenParameters } from '../data-query.ts'

type Members = Readonly<Record<string, PlainValue>>

/** A `BackendlessDataQuery`. Its class's constants travel with it, so names that mean nothing here are passed over. */
export function queryParameters(query: PlainValue | undefined): GivenParameters {
  if (query === undefined || query === null) return {}
  const { whereClause, properties, excludeProperties, havingClause, ...rest } = membersOf(query, 'query')
  const { queryOptions } = rest
  const options =
    queryOptions === undefined || queryOptions === null ? {} : membersOf(queryOptions, 'queryOptions')
  return {
    where: whereClause,
    pageSize: rest['pageSize'],
    offset: rest['offset'],
    props: properties,
    excludeProps: excludeProperties,
    groupBy: rest['groupBy'],
    having: havingClause,
    sortBy: options['sortBy'],
    loadRelations: options['related'],
  }
}

/** `relations, depth, page size` behind the table or the id; of classes with one list more. All may be absent or null. */
export function relationParameters([relations, , ...others]: readonly (
  | PlainValue
  | undefined
)[]): GivenParameters {
  return { loadRelations: relations, relations: others.find((other) => Array.isArray(other)) }
}

/** What stands behind the id of a `findById`: a query, or relations. */
export function rowParameters([second, ...rest]: readonly (PlainValue | undefined)[]): GivenParameters {
  const isQuery = typeof second === 'object' && second !== null && !Array.isArray(second)
  return isQuery ? queryParameters(second) : relationParameters([second, ...rest])
}

/** A row that is named by a map or an object of the app: its objectId where it has one, else all that it holds. */
export function rowNamed(
  by: PlainValue | undefined,
): { readonly objectId: string } | { readonly columns: GivenParameters } {
  if (typeof by === 'string' && by !== '') return { objectId: by }
  if (typeof by !== 'object' || by === null || Array.isArray(by)) {
    throw new ServiceError('parameter_missing', {
      message: 'Name the row by its objectId, or by a map such as {id: "ch_…"}.',
      param: 'objectId',
    })
  }
  const { ___class: _className, ...members } = by as Members
  const { objectId } = members
  if (typeof objectId === 'string' && objectId !== '') return { objectId }
  const given = Object.entries(members).filter(([, value]) => value !== null && value !== '')
  return { columns: Object.fromEntries(given.map(([name, value]) => [name, asText(value)])) }
}

/** As a query string would have it. */
function asText(value: PlainValue): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}

function membersOf(value: PlainValue, param: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members
  throw new ServiceError('parameter_invalid', {
    message: `The argument ${param} must be an object, as a DataQueryBuilder makes it.`,
    param,
  })
}
