/** The queries that the alarm routes take. */
import { z } from 'zod'
import { alarmKindSchema } from './alarm-json.ts'

const limit = z
  .string()
  .transform((text) => (/^\d{1,3}$/.test(text) ? Number(text) : Number.NaN))
  .refine((value) => value >= 1 && value <= 100, { error: 'must be a whole number from 1 to 100' })

export const alarmsQuerySchema = z.strictObject({
  /** `standing` leaves out the alarms that are over. */
  status: z.enum(['standing', 'all'], { error: 'must be standing or all' }).default('standing'),
  kind: alarmKindSchema.optional(),
  limit: limit.default(20),
})
