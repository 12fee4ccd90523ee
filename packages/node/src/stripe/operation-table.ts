/** Reads the list of operations: what each is called, and where it leads. */

export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH'
  /** With `:id` in the place of each id, such as `/v1/customers/:id`. */
  readonly path: string
  /** The names from the root to the function, such as `['customers', 'post']`. */
  readonly name: readonly string[]
  readonly idCount: number
}

/** @param list one `METHOD /path` a line */
export function parseOperations(list: string): Operation[] {
  return list.trim().split('\n').map(parseOperation)
}

function parseOperation(line: string): Operation {
  const [method = '', path = ''] = line.split(' ')
  return {
    method: method as Operation['method'],
    path,
    name: operationName(method, path),
    idCount: path.split('/').filter((segment) => segment === ':id').length,
  }
}

/** Slingr's rule: path segments in camelCase without `v1`, then the HTTP verb. `/v2` keeps its prefix. */
export function operationName(method: string, path: string): string[] {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '' && segment !== ':id' && segment !== 'v1')
  return [...segments.map(camelCase), method.toLowerCase()]
}

function camelCase(segment: string): string {
  return segment.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
