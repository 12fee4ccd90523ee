/** Bodies and queries of our own routes against their schema, with an error that names the field and the fix. */
import type { z } from 'zod'
import { ServiceError } from '../errors.ts'

/** Throws `body_invalid`, `parameter_missing` or `parameter_invalid` about the first field that is wrong. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const fields = body ?? {}
  if (typeof fields !== 'object' || Array.isArray(fields)) {
    throw new ServiceError('body_invalid', { message: 'The body must be a JSON object.' })
  }
  const result = schema.safeParse(fields)
  if (result.success) return result.data
  throw fieldError(result.error.issues, fields)
}

function fieldError(issues: readonly z.core.$ZodIssue[], fields: object): ServiceError {
  const [issue] = issues
  const path = issue?.path.map(String) ?? []
  if (issue?.code === 'unrecognized_keys') {
    const param = [...path, issue.keys[0] ?? ''].join('.').slice(0, 100)
    return new ServiceError('parameter_invalid', { message: `This route has no field ${param}.`, param })
  }
  const param = path.join('.').slice(0, 100)
  if (param !== '' && valueAt(fields, path) === undefined) {
    return new ServiceError('parameter_missing', {
      message: `The field ${param} is missing; it ${problemOf(issue)}.`,
      param,
    })
  }
  return new ServiceError('parameter_invalid', {
    message: `The field ${param} ${problemOf(issue)}.`,
    ...(param === '' ? {} : { param }),
  })
}

/** Schemas word their problems to follow the field's name: "must be …". */
function problemOf(issue: z.core.$ZodIssue | undefined): string {
  const message = issue?.message ?? ''
  return /^(must|cannot|may) /.test(message) ? message : `is not valid (${message})`
}

function valueAt(fields: object, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined,
    fields,
  )
}
