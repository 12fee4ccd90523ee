/** The query that the alarm route takes. */
import { z } from 'zod'

const limit = z
  .string()
  .transform((text) => (/^\d{1,3}$/.test(text) ? Number(text) : Number.NaN))
  .refine((value) => value >= 1 && value <= 100, { error: 'must be a whole number from 1 to 100' })

export const alarmsQuerySchema = z.strictObject({
  /** `standing` leaves out the alarms that are over. */
  status: z.enum(['standing', 'all'], { error: 'must be standing or all' }).default('standing'),
  limit: limit.default(20),
})
