/** The bodies and queries that the admin routes take. */
import { z } from 'zod'
import { SCOPES } from '../access/scopes.ts'
import { ServiceError } from '../errors.ts'
import { isReference } from '../secrets/secret-value.ts'
import { AUDIT_ACTIONS } from '../store/audit-trail-store.ts'
import { isSigningSecret } from './key-form.ts'

const appId = z.string().regex(/^[A-Za-z0-9_-]{4,64}$/, { error: 'must be 4 to 64 letters, digits, - or _' })
const name = z.string().trim().max(100, { error: 'may have at most 100 characters' })
const scopes = z
  .array(z.enum(SCOPES, { error: `must hold the words ${SCOPES.join(', ')} and no others` }), {
    error: 'must be a list of scopes',
  })
  .max(SCOPES.length, { error: 'names a scope twice' })
const currency = z
  .string()
  .regex(/^[a-z]{3}$/, { error: 'must be a lowercase three-letter ISO code such as usd' })
/** A secret, or a reference to one. */
const secret = z.string().trim().min(1).max(500)
const origin = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.username === ''
  if (isOrigin && url.pathname === '/' && url.search === '' && url.hash === '') return url.origin
  context.addIssue({
    code: 'custom',
    message: 'must be an http or https address without a path, such as https://pay.example.com',
  })
  return z.NEVER
})
const signingSecret = secret.refine((value) => isReference(value) || isSigningSecret(value), {
  error: 'must be a signing secret of Stripe (whsec_…) or a reference (env:NAME, file:/path)',
})
const endpointId = z
  .string()
  .regex(/^we_\w{1,100}$/, { error: 'must be the id of a webhook endpoint (we_…)' })

export const newAppSchema = z.strictObject({
  app_id: appId.optional(),
  name: name.default(''),
  mode: z.enum(['test', 'live'], { error: 'must be test or live' }),
  currency: currency.optional(),
  scopes: scopes.optional().describe('Of its first server key; all but admin unless named.'),
})

export const newServerKeySchema = z.strictObject({
  name: name.default(''),
  scopes: scopes.optional().describe('All but admin unless named; of the key that asks, at most its own.'),
})

export const changeServerKeySchema = z.strictObject({
  name: name.optional(),
  scopes: scopes.optional().describe('All that it has from now on.'),
})

export const describeAppSchema = z.strictObject({
  name: name.optional(),
  currency: currency.nullable().optional(),
})

export const activateSchema = z.strictObject({
  app_id: appId.optional(),
  secret_key: secret.optional(),
  publishable_key: z.string().trim().min(1).max(255).optional(),
  public_url: origin.optional(),
  currency: z.string().trim().toLowerCase().optional(),
  signing_secret: signingSecret.optional(),
  api_base: origin.optional(),
  replace: z.boolean().optional(),
})

export const signingSecretSchema = z.strictObject({
  app_id: appId.optional(),
  signing_secret: signingSecret,
  endpoint_id: endpointId.optional(),
})

/** As long as Stripe lets an old secret live when it rolls one. */
const LONGEST_OVERLAP_SECONDS = 7 * 86_400

export const rollSchema = signingSecretSchema.extend({
  overlap_seconds: z
    .int({ error: 'must be a whole number of seconds' })
    .min(0, { error: 'must not be negative' })
    .max(LONGEST_OVERLAP_SECONDS, { error: `may be at most ${LONGEST_OVERLAP_SECONDS} (7 days)` })
    .default(86_400),
})

export const appQuerySchema = z.strictObject({ app_id: appId.optional() })

const limit = z
  .string()
  .transform((text) => (/^\d{1,3}$/.test(text) ? Number(text) : Number.NaN))
  .refine((value) => value >= 1 && value <= 100, { error: 'must be a whole number from 1 to 100' })
const since = z
  .string()
  .refine((text) => /^\d{1,12}$/.test(text), { error: 'must be seconds since the epoch' })
  .transform((text) => Number(text) * 1000)

export const auditQuerySchema = z.strictObject({
  app_id: appId.optional().describe('Of one app; an operator sees those of all without it.'),
  action: z.enum(AUDIT_ACTIONS, { error: `must be one of ${AUDIT_ACTIONS.join(', ')}` }).optional(),
  actor: z
    .string()
    .max(200, { error: 'must be a kind, or a kind and an id such as server_key:key_…' })
    .optional()
    .describe('A kind (operator, server_key, command_line, start), or a kind and an id: server_key:key_….'),
  target: z.string().max(200, { error: 'must be an id' }).optional().describe('The id of what was changed.'),
  'created[gte]': since.optional(),
  'created[lt]': since.optional(),
  limit: limit.default(20),
  starting_after: z
    .string()
    .refine((text) => /^audit_\d{1,15}$/.test(text), { error: 'must be the id of a row (audit_…)' })
    .transform((text) => Number(text.slice('audit_'.length)))
    .optional()
    .describe('The id of the last row of the page before.'),
})

/** Throws `body_invalid`, or `parameter_missing` or `parameter_invalid` about the first field that is wrong. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const given = input ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new ServiceError('body_invalid', { message: 'The body must be a JSON object.' })
  }
  const result = schema.safeParse(given)
  if (result.success) return result.data
  throw inputError(result.error.issues, given)
}

function inputError(issues: readonly z.core.$ZodIssue[], given: object): ServiceError {
  const [issue] = issues
  if (issue?.code === 'unrecognized_keys') {
    const param = issue.keys[0] ?? ''
    return new ServiceError('parameter_invalid', { message: `There is no field ${param} here.`, param })
  }
  const param = String(issue?.path[0] ?? '')
  if (!Object.hasOwn(given, param)) {
    return new ServiceError('parameter_missing', { message: `${param} is missing.`, param })
  }
  return new ServiceError('parameter_invalid', {
    message: `${param} ${issue?.message ?? 'is not valid'}.`,
    param,
  })
}
