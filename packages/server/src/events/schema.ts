/** The queries that the event routes take. */
import { z } from 'zod'
import { ServiceError } from '../errors.ts'

const wholeNumber = (least: number, most: number) =>
  z.string().transform((text, context) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    context.addIssue({ code: 'custom', message: `must be a whole number from ${least} to ${most}` })
    return z.NEVER
  })

const position = wholeNumber(0, Number.MAX_SAFE_INTEGER)

/** A day as `2026-11-21`; days compare as text. */
const day = z.iso.date({ error: 'must be a day such as 2026-11-21' })

export const listQuerySchema = z
  .strictObject({
    /** A where clause over the columns of StripeEvents. */
    where: z.string().optional(),
    /** One event type, such as `charge.succeeded`. */
    type: z.string().min(1).optional(),
    limit: wholeNumber(1, 100).default(10),
    /** Events that do not concern the app, by the reason, or `any` of them. Server keys only. */
    flag: z
      .enum(['wrong_mode', 'foreign_account', 'doctor', 'any'], {
        error: 'must be wrong_mode, foreign_account, doctor or any',
      })
      .optional(),
    /** How far handling has come. Server keys only; each event then tells how its handling went. */
    state: z
      .enum(['received', 'handled', 'failed', 'dead'], {
        error: 'must be received, handled, failed or dead',
      })
      .optional(),
    /** Read on, forward, from this position of the log. */
    after: position.optional(),
    /** The next older events before this position. */
    before: position.optional(),
  })
  .refine(({ after, before }) => after === undefined || before === undefined, {
    path: ['before'],
    error: 'cannot be combined with after: one reads backward and the other forward',
  })

export const talliesQuerySchema = z
  .strictObject({ from: day, to: day })
  .refine(({ from, to }) => from <= to, { path: ['to'], error: 'must not be before from' })

export type ListQuery = z.output<typeof listQuerySchema>

/** Throws `parameter_invalid` or `parameter_missing` about the first field that is wrong. */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const result = schema.safeParse(query)
  if (result.success) return result.data
  throw queryError(result.error.issues, query)
}

function queryError(issues: readonly z.core.$ZodIssue[], query: unknown): ServiceError {
  const [issue] = issues
  if (issue?.code === 'unrecognized_keys') {
    const param = issue.keys[0] ?? ''
    return new ServiceError('parameter_invalid', {
      message: `This route has no query parameter ${param}.`,
      param,
    })
  }
  const param = String(issue?.path[0] ?? '')
  const isMissing = !Object.hasOwn(query as object, param)
  if (isMissing) {
    return new ServiceError('parameter_missing', {
      message: `The query parameter ${param} is missing; it ${issue?.message ?? 'is required'}.`,
      param,
    })
  }
  const isRepeated = Array.isArray((query as Record<string, unknown>)[param])
  const problem = isRepeated ? 'must be given once' : (issue?.message ?? 'is not valid')
  return new ServiceError('parameter_invalid', { message: `The query parameter ${param} ${problem}.`, param })
}
