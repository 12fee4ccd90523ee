/** What a quote may sign beside its price: all that changes what "paid" means. */
import { z } from 'zod'
import { metadataSchema } from '../http/metadata-schema.ts'

/** Words that follow the name of the field or claim. */
const limited = (longest: number) =>
  z
    .string({ error: `must be a text of 1 to ${longest} characters` })
    .min(1, { error: `must be a text of 1 to ${longest} characters` })
    .max(longest, { error: `must be a text of 1 to ${longest} characters` })

/** Of a quote's claims, and of the body that has one signed. */
export const signedTermFields = {
  capture_method: z
    .enum(['automatic', 'manual'], { error: 'must be automatic or manual' })
    .optional()
    .describe('manual holds the money until it is captured.'),
  customer: z
    .string({ error: 'must be an id cus_…' })
    .regex(/^cus_\w{1,251}$/, { error: 'must be an id cus_…' })
    .optional()
    .describe('Who pays. A page that names a saved card needs the customer’s token all the same.'),
  save_card: z
    .enum(['on_session', 'off_session'], { error: 'must be on_session or off_session' })
    .optional()
    .describe('Keeps the card with `customer` for later payments.'),
  description: limited(1_000).optional(),
  receipt_email: limited(512).optional(),
  metadata: metadataSchema.optional(),
}

const signedTerms = z.object(signedTermFields)

/** In the words of the API; what is not signed is absent. */
export type SignedTerms = z.output<typeof signedTerms>

/** Of anything that holds them beside others: the signed terms alone. */
export function signedTermsOf(claims: SignedTerms): SignedTerms {
  const named = Object.entries(signedTerms.parse(claims)).filter(([, value]) => value !== undefined)
  return Object.fromEntries(named) as SignedTerms
}
