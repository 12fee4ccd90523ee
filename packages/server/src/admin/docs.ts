/** What the admin routes say about themselves. */
import { z } from 'zod'
import { SCOPES } from '../access/scopes.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import {
  activateSchema,
  appQuerySchema,
  describeAppSchema,
  newAppSchema,
  newServerKeySchema,
  rollSchema,
  signingSecretSchema,
} from './schema.ts'

const text = z.string()
const seconds = z.int()

const serverKeySchema = z.object({
  object: z.literal('server_key'),
  id: text,
  name: text,
  scopes: z.array(z.enum(SCOPES)),
  last4: text.nullable().describe('The end of the key. null: it is older than this note, as below.'),
  made_by: text
    .nullable()
    .describe('operator:opk_…, server_key:key_…, command_line:<user>, or start: as in the audit trail.'),
  created: seconds.nullable(),
})

const appSchema = z.object({
  object: z.literal('app'),
  id: text,
  name: text,
  mode: z.enum(['sandbox', 'test', 'live']),
  default: z.boolean(),
  created: seconds,
  disabled: z.boolean(),
  client_keys: z.array(text),
  server_keys: z.array(serverKeySchema).describe('Without the keys themselves, which are shown once.'),
  currency: text,
  publishable_key: text.nullable(),
  stripe_account: text.nullable(),
  stripe_secret_key: text.describe('`set`, `unset`, `environment`, or the reference that names it.'),
  public_url: text.nullable(),
  webhook_endpoint: text.nullable(),
})

const signingSecret = z.object({
  object: z.literal('signing_secret'),
  id: text,
  app_id: text,
  endpoint_id: text.nullable(),
  reference: text.nullable(),
  created: seconds,
  valid_until: seconds.nullable(),
  status: z.enum(['active', 'rolling_out', 'expired']),
})

const list = (item: z.ZodType) =>
  z.object({ object: z.literal('list'), url: text, has_more: z.boolean(), data: z.array(item) })
const serverKey = text.describe('Shown this once.')

const ADMINS = ['operator', 'server'] as const
const app = (it: Omit<RouteDoc, 'tag' | 'keys'>): RouteDoc => ({
  tag: 'Apps',
  keys: ADMINS,
  scope: 'admin',
  ...it,
})
/** Of several apps at once, so a server key is too little. */
const operators = (it: Omit<RouteDoc, 'tag' | 'keys'>): RouteDoc => ({
  tag: 'Apps',
  keys: ['operator'],
  ...it,
})
const setUp = (it: Omit<RouteDoc, 'tag' | 'keys'>): RouteDoc => ({
  tag: 'Set-up',
  keys: ADMINS,
  scope: 'admin',
  ...it,
})

export const appDocs = {
  list: app({ summary: 'List the apps', answer: list(appSchema) }),
  create: operators({
    summary: 'Create an app',
    body: newAppSchema,
    status: 201,
    answer: appSchema.extend({ server_key: serverKey }),
  }),
  retrieve: app({ summary: 'Retrieve an app', answer: appSchema }),
  describe: app({ summary: 'Change an app', body: describeAppSchema, answer: appSchema }),
  disable: operators({ summary: 'Take no more requests for an app', answer: appSchema }),
  enable: operators({ summary: 'Take requests for an app again', answer: appSchema }),
  addClientKey: app({
    summary: 'Add a client key; the others stay good until they are retired',
    status: 201,
    answer: appSchema,
  }),
  retireClientKey: app({ summary: 'Retire a client key', answer: appSchema }),
  addServerKey: app({
    summary: 'Add a server key; the others stay good until they are revoked',
    status: 201,
    body: newServerKeySchema,
    answer: serverKeySchema.extend({ app_id: text, server_key: serverKey }),
  }),
  revokeServerKey: app({ summary: 'Revoke a server key', answer: appSchema }),
} satisfies Record<string, RouteDoc>

export const setupDocs = {
  list: setUp({
    summary: 'List the webhook signing secrets, without the secrets',
    query: appQuerySchema,
    answer: list(signingSecret),
  }),
  add: setUp({
    summary: 'Add a webhook signing secret',
    body: signingSecretSchema,
    status: 201,
    answer: signingSecret,
  }),
  roll: setUp({
    summary: 'Add a webhook signing secret and let the others run out',
    body: rollSchema,
    status: 201,
    answer: signingSecret,
  }),
  retire: setUp({
    summary: 'Retire a webhook signing secret',
    query: appQuerySchema,
    answer: z.object({ object: z.literal('signing_secret'), id: text, deleted: z.literal(true) }),
  }),
  activate: setUp({
    summary: 'Connect an app with its Stripe account',
    description: 'Checks the keys, finds or makes the one webhook endpoint, and stores its signing secret.',
    body: activateSchema,
    answer: z.object({
      object: z.literal('activation'),
      app: appSchema,
      server_key: serverKey.optional(),
      webhook_endpoint: z.looseObject({ id: text, url: text, outcome: text }),
      changed: z.unknown(),
      warnings: z.unknown(),
    }),
  }),
  doctor: setUp({
    summary: 'Check that everything works, and name the fix of what does not',
    query: appQuerySchema,
    answer: z.object({
      object: z.literal('diagnosis'),
      app_id: text,
      status: text,
      checks: z.array(z.looseObject({})),
    }),
  }),
} satisfies Record<string, RouteDoc>
