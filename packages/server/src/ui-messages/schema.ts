/** The bodies that the routes of page messages take, and what they answer. */
import { z } from 'zod'
import { isStorableText } from '../store/storable-text.ts'
import { originOf, TAB_ID } from './page-caller.ts'

/** Of a message, and of what a page answers. */
export const LARGEST_BODY_BYTES = 64 * 1024

export const user = z
  .string('must be the app’s own id of a person')
  .min(1, 'must have 1 to 255 characters')
  .max(255, 'must have 1 to 255 characters')
  .refine(isStorableText, 'must be plain text')

const origin = z
  .string('must be the origin of the page')
  .refine(
    (value) => value === '*' || originOf(value) === value,
    'must be an origin such as https://shop.example, without a path or a slash at its end, or *',
  )

export const sessionSchema = z.strictObject({
  user,
  origin: z
    .union([origin, z.array(origin).min(1).max(20)], {
      error: 'must be an origin such as https://shop.example, a list of 1 to 20 of them, or *',
    })
    .describe('Where the page comes from; `*` switches the check off.'),
  expires_in: z
    .int('must be a whole number of seconds')
    .min(60, 'must be at least 60 seconds')
    .max(86_400, 'must be at most 86400 seconds (a day)')
    .default(3_600)
    .describe('Seconds.'),
})

const seconds = z.int()

export const sessionAnswer = z.object({
  object: z.literal('ui_session'),
  id: z.string(),
  user: z.string(),
  token: z.string().describe('For the page; a compact JWS.'),
  expires_at: seconds,
})

/** A name, or `inline:<instance>:<n>` for a function of one process. */
const handlerName = z
  .string()
  .regex(/^[\w.:/-]{1,128}$/, 'must be a name of 1 to 128 letters, digits and _ . : / -')

const handler = z.union(
  [handlerName, z.strictObject({ handler: handlerName, data: z.unknown().optional() }), z.null()],
  { error: 'must be the name of a handler, {handler, data}, or null' },
)

const tab = z.string().regex(TAB_ID, 'must be what the page sent as Tollbridge-Tab')
const caller = z
  .union([z.strictObject({ session: z.string(), tab: z.string() }), z.strictObject({ user, tab })], {
    error: 'must be {session, tab} with the two headers of the page’s request, or {user, tab} of a callback',
  })
  .nullable()

const DAY_MS = 86_400_000

export const messageSchema = z.looseObject({
  scope: z.string('must be plugin:<name>').describe('Such as `plugin:stripe`.'),
  name: z.string('must be the name of a function').describe('Such as `collectPaymentInformation`.'),
  data: z.unknown().optional().describe('What the function takes.'),
  callbacks: z.record(z.string(), handler).default({}),
  target: z
    .enum(['caller', 'users'], {
      error: 'must be caller or users; allUsers is refused, since a payment is one person’s matter',
    })
    .default('caller'),
  targetUsers: z.array(user).min(1, 'must name a user').max(100, 'must name at most 100 users').optional(),
  caller: caller.optional(),
  ttlMs: z
    .int('must be a whole number of milliseconds')
    .min(1_000, 'must be at least 1000 milliseconds')
    .max(DAY_MS, `must be at most ${DAY_MS} milliseconds (a day)`)
    .default(1_800_000)
    .describe('Milliseconds.'),
})

export type MessageBody = z.output<typeof messageSchema>

export const sentAnswer = z.object({
  object: z.literal('ui_message'),
  id: z.string(),
  status: z.enum([
    'queued',
    'delivered',
    'claimed',
    'ending',
    'settled',
    'canceled',
    'expired',
    'undeliverable',
  ]),
  recipients: z.int().describe('Tabs that are connected now.'),
  expires_at: seconds,
})

export const messageAnswer = sentAnswer.extend({
  scope: z.string(),
  name: z.string(),
  target: z.enum(['caller', 'users']),
  users: z.array(z.string()),
  created_at: seconds,
  ended_at: seconds.nullable(),
  callback: z
    .object({ name: z.string(), verified: z.boolean(), data: z.unknown() })
    .nullable()
    .describe('How it ended.'),
  handler: z
    .object({
      name: z.string().nullable(),
      outcome: z.enum(['pending', 'done', 'failed']),
      error: z.string().nullable(),
    })
    .nullable()
    .describe('How far the app’s server is with it.'),
})

export const claimSchema = z.strictObject({ id: z.string('must be the id of the message') })

export const callbackSchema = z.strictObject({
  id: z.string('must be the id of the message'),
  callback: z.string('must be the name of a callback'),
  data: z.unknown().optional(),
})

export const claimAnswer = z.object({ object: z.literal('ui_claim'), id: z.string() })

export const callbackAnswer = z.object({
  object: z.literal('ui_callback'),
  id: z.string(),
  callback: z.string().describe('The one that runs.'),
  verified: z.boolean().describe('Whether Stripe said so itself.'),
})

export const jobsQuerySchema = z.strictObject({
  handlers: z
    .string('must be names with commas between them')
    .default('')
    .transform((names) => names.split(',').filter((name) => name !== ''))
    .pipe(z.array(handlerName).max(1_000, 'may name at most 1000 handlers'))
    .describe('Names with commas between them.'),
  instance: z
    .string('must be an id')
    .regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -')
    .optional(),
  listens: z.enum(['0', '1'], { error: 'must be 0 or 1' }).default('0'),
})

export const ackSchema = z.strictObject({
  outcome: z.enum(['done', 'failed'], { error: 'must be done or failed' }),
  error: z.string('must be a sentence').max(4_000, 'may have at most 4000 characters').nullish(),
  lease: z.string().optional().describe('Taken and not needed.'),
})

export const ackAnswer = z.object({
  object: z.literal('ui_callback_end'),
  id: z.string(),
  outcome: z.enum(['pending', 'done', 'failed']),
})

export const leaseSchema = z.strictObject({
  lease: z.string('must be the lease that came with the callback'),
})

export const leaseAnswer = z.object({
  object: z.literal('ui_lease'),
  id: z.string(),
  lease_until: z.int().describe('Milliseconds since 1970.'),
})
