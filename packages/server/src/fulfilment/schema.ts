/** The query that the list of unfulfilled payments takes. */
import { z } from 'zod'

const limit = z
  .string()
  .transform((text) => (/^\d{1,3}$/.test(text) ? Number(text) : Number.NaN))
  .refine((value) => value >= 1 && value <= 100, { error: 'must be a whole number from 1 to 100' })

export const unfulfilledQuerySchema = z.strictObject({
  limit: limit.default(10),
  /** The id of the last payment of the page before. */
  starting_after: z.string().min(1, { error: 'must be the id of a payment' }).optional(),
})
