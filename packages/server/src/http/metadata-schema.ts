/** The metadata that a request, or a quote, puts on a payment: Stripe's limits, and the names that are ours. */
import { z } from 'zod'
import { ATTEMPT_METADATA, ITEMS_METADATA, ORDER_ID_METADATA } from '../stripe/event-facts.ts'

const NAME = 'must be 1 to 40 characters'

/** Two of Stripe's fifty names are always ours. */
export const metadataSchema = z
  .record(
    z.string().min(1, { error: NAME }).max(40, { error: NAME }),
    z.string({ error: 'must be a text' }).max(500, { error: 'must have at most 500 characters' }),
  )
  .refine((names) => Object.keys(names).length <= 48, { error: 'must have at most 48 names' })
  .refine((names) => !(ORDER_ID_METADATA in names), {
    path: [ORDER_ID_METADATA],
    error: 'cannot stand in metadata: send it as the field order_id',
  })
  .refine((names) => !(ATTEMPT_METADATA in names), {
    path: [ATTEMPT_METADATA],
    error: 'cannot be set: it is how Tollbridge finds its own calls',
  })
  .refine((names) => !(ITEMS_METADATA in names), {
    path: [ITEMS_METADATA],
    error: 'cannot be set: Tollbridge writes there what was sold',
  })
