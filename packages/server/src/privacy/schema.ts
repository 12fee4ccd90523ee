/** The bodies that the privacy routes take. */
import { z } from 'zod'

export const forgetSchema = z.strictObject({
  customer: z.string().regex(/^cus_\w{1,250}$/, 'must be the id of a Stripe customer (cus_…)'),
})
