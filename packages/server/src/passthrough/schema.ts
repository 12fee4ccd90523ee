/** What the passthrough's admin routes take and answer. */
import { z } from 'zod'

export const OUTCOMES = ['unknown', 'answered', 'broken_off', 'not_sent', 'refused'] as const

const limit = z
  .string()
  .transform((text) => (/^\d{1,3}$/.test(text) ? Number(text) : Number.NaN))
  .refine((value) => value >= 1 && value <= 100, { error: 'must be a whole number from 1 to 100' })
const seconds = z
  .string()
  .refine((text) => /^\d{1,12}$/.test(text), { error: 'must be seconds since the epoch' })
  .transform((text) => Number(text) * 1000)
const callId = z
  .string()
  .refine((text) => /^call_\d{1,15}$/.test(text), { error: 'must be the id of a call (call_…)' })
  .transform((text) => Number(text.slice('call_'.length)))

export const callsQuerySchema = z.strictObject({
  app_id: z.string().optional().describe('Of one app; an operator sees those of all apps without it.'),
  key: z.string().max(64, { error: 'must be the id of a server key (key_…)' }).optional(),
  method: z
    .string()
    .transform((text) => text.toUpperCase())
    .optional(),
  path: z.string().max(500).optional().describe('What the path begins with, such as /v1/payment_intents.'),
  outcome: z.enum(OUTCOMES, { error: `must be one of ${OUTCOMES.join(', ')}` }).optional(),
  'created[gte]': seconds.optional(),
  'created[lt]': seconds.optional(),
  limit: limit.default(20),
  starting_after: callId.optional().describe('The id of the last call of the page before.'),
})

export const stripeCallSchema = z.object({
  object: z.literal('stripe_call'),
  id: z.string(),
  app_id: z.string(),
  key: z.string().describe('The id of the server key.'),
  method: z.string(),
  path: z.string().describe('With its ids; neither query nor body is kept.'),
  stripe_account: z.string().nullable(),
  outcome: z
    .enum(OUTCOMES)
    .describe(
      'unknown: no answer is known, so Stripe may have acted; it is under way, the connection broke, or this server ended meanwhile. broken_off: the answer broke off on its way back. not_sent: Stripe did not hear of it. refused: not let through here.',
    ),
  status: z.int().nullable().describe('What the caller was answered; null: nothing.'),
  error: z
    .string()
    .nullable()
    .describe('One of docs/reference/errors.md, where the answer was not Stripe’s.'),
  stripe_request_id: z.string().nullable(),
  idempotency_key: z.string().nullable().describe('As Stripe knows it.'),
  created: z.int().describe('Seconds since the epoch.'),
  duration_ms: z.int().nullable().describe('null: nobody has seen the end.'),
  bytes_sent: z.int(),
  bytes_received: z.int(),
})

export const rulesBodySchema = z.strictObject({
  rules: z
    .array(z.string({ error: 'must be a list of texts' }), { error: 'must be a list of rules' })
    .describe('In order; the last that fits a call decides. The word default stands for the default rules.'),
})

export const rulesAnswerSchema = z.object({
  object: z.literal('passthrough_rules'),
  app_id: z.string(),
  key: z.string(),
  rules: z.array(z.string()),
  in_full: z.array(z.string()).describe('With the default rules in the place of the word default.'),
  changed: z.int().nullable().describe('Seconds since the epoch; null: never.'),
})
