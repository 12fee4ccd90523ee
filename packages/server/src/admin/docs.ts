/** What the admin routes say about themselves. */
import { z } from 'zod'
import { ACTOR_KINDS } from '../access/actor.ts'
import { SCOPES } from '../access/scopes.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import { AUDIT_ACTIONS } from '../store/audit-trail-store.ts'
import {
  activateSchema,
  appQuerySchema,
  auditQuerySchema,
  changeServerKeySchema,
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
  passthrough_rules: z
    .array(text)
    .describe('Which calls to Stripe it may make, as an operator wrote them; default while nobody has.'),
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
} satisfies Record<string, RouteDoc>

export const keyDocs = {
  addClientKey: app({
    summary: 'Add a client key; the others stay good until they are retired',
    status: 201,
    answer: appSchema,
  }),
  retireClientKey: app({
    summary: 'Retire a client key',
    description: 'Streams that were opened with it end within a second.',
    answer: appSchema,
  }),
  addServerKey: app({
    summary: 'Add a server key; the others stay good until they are revoked',
    status: 201,
    body: newServerKeySchema,
    answer: serverKeySchema.extend({ app_id: text, server_key: serverKey }),
  }),
  changeServerKey: app({
    summary: 'Change the name or the scopes of a server key',
    description:
      'A server key adds no scope that it has not itself. What a key loses, the keys that it made lose as well.',
    body: changeServerKeySchema,
    answer: serverKeySchema.extend({ app_id: text }),
  }),
  revokeServerKey: app({
    summary: 'Revoke a server key, and the keys that it made',
    description: 'What stands on them, such as streams and page sessions, ends within a second.',
    answer: appSchema,
  }),
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

const auditRow = z.object({
  object: z.literal('audit_entry'),
  id: text,
  created: seconds,
  app_id: text.nullable().describe('null: it is about the whole server.'),
  action: z.enum(AUDIT_ACTIONS),
  actor: z
    .object({ kind: z.enum(ACTOR_KINDS), id: text.nullable() })
    .describe(
      'An operator key (opk_…), a server key (key_…), the system’s user at a command line, or Tollbridge by itself.',
    ),
  address: text.nullable().describe('Where the request came from; null: this machine itself.'),
  target: text.nullable().describe('The id of what was changed.'),
  details: z.looseObject({}).describe('What it is now. Never a secret.'),
})

export const auditDoc: RouteDoc = {
  summary: 'List who changed what: keys, secrets, prices, brake, activation, rules',
  description:
    'The newest first. A server key sees its own app; an operator sees all, and what is about the whole server.',
  tag: 'Audit trail',
  keys: ADMINS,
  scope: 'admin',
  query: auditQuerySchema,
  answer: list(auditRow),
}
