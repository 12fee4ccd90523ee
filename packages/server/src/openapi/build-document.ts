/** Makes the OpenAPI document from what the routes say about themselves; nothing in it is written twice. */
import { errorCodes } from '@tollbridge/protocol'
import { z } from 'zod'
import type { RouteDoc } from '../http/route-doc.ts'
import type { CollectedRoute } from './collect-routes.ts'

type Json = Readonly<Record<string, unknown>>

export interface DocumentFacts {
  readonly version: string
}

export function buildDocument(routes: readonly CollectedRoute[], { version }: DocumentFacts): Json {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    // A star stands for the rest of the path, which the document has no word for.
    const named = { ...route, path: route.path.replace(/\*$/, ':path') }
    const path = named.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(named) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tollbridge',
      version,
      description:
        'A self-hosted Stripe integration. Amounts are whole numbers of minor units; errors have the shape of Stripe’s own.',
    },
    tags: [...new Set(routes.flatMap(({ doc }) => doc?.tag ?? []))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Error: errorSchema() },
      securitySchemes: {
        clientKey: bearer('The client key, which pages carry.'),
        serverKey: bearer(
          'A server key (`tbk_…`), which stays on the app’s own server. `x-tollbridge-scope` says which scope an operation needs.',
        ),
        operatorKey: bearer('An operator key (`tbo_…`), which administers all apps.'),
        watchToken: {
          type: 'apiKey',
          in: 'header',
          name: 'Tollbridge-Watch-Token',
          description: 'The watch token of one payment, alone or beside the client key.',
        },
        pageSession: {
          type: 'apiKey',
          in: 'header',
          name: 'Tollbridge-Ui-Session',
          description: 'The session token of a page, from POST /v1/ui/sessions.',
        },
      },
    },
  }
}

function operation({ method, path, doc }: CollectedRoute): Json {
  const base = { operationId: operationId(method, path), parameters: pathParameters(path) }
  if (doc === null) return { ...base, responses: { default: errorResponse() } }
  return {
    ...base,
    summary: doc.summary,
    ...descriptionOf(doc),
    tags: [doc.tag],
    security: doc.keys.map((key) => ({ [SCHEMES[key]]: [] })),
    ...(doc.scope === undefined ? {} : { 'x-tollbridge-scope': doc.scope }),
    parameters: [...pathParameters(path), ...headerParameters(doc), ...queryParameters(doc)],
    ...(doc.body === undefined ? {} : { requestBody: requestBody(doc.body) }),
    responses: { [doc.status ?? 200]: answer(doc), default: errorResponse() },
  }
}

function descriptionOf({ description, scope }: RouteDoc): Json {
  const scoped = scope === undefined ? [] : [`A server key needs the scope \`${scope}\`.`]
  const sentences = [...(description === undefined ? [] : [description]), ...scoped]
  return sentences.length === 0 ? {} : { description: sentences.join(' ') }
}

const SCHEMES = {
  client: 'clientKey',
  server: 'serverKey',
  watch: 'watchToken',
  operator: 'operatorKey',
  page: 'pageSession',
} as const

/** `POST /v1/payments/:id/capture` → `postPaymentsByIdCapture`. */
function operationId(method: string, path: string): string {
  const words = path.split(/[/._-]+/).filter((part) => part !== '' && part !== 'v1')
  const names = words.map((part) => (part.startsWith(':') ? `By${capital(part.slice(1))}` : capital(part)))
  return method.toLowerCase() + names.join('')
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function headerParameters(doc: RouteDoc): Json[] {
  const header = (name: string, description: string, required = false) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string', maxLength: 255 },
  })
  return [
    ...(doc.isIdempotent === true
      ? [header('Idempotency-Key', 'The same key means the same request: it acts once, for ever.')]
      : []),
    ...(doc.keys.includes('page')
      ? [header('Tollbridge-Tab', 'The tab: `tab_` and 16 to 64 random characters.', true)]
      : []),
    ...(doc.takesCustomerToken === true
      ? [
          header(
            'Tollbridge-Customer-Token',
            'For whom a page acts: a token that the app’s server made for that customer.',
          ),
        ]
      : []),
    ...(doc.takesProof === true
      ? [
          header(
            'Tollbridge-Payer-Key',
            'A random key of at least 16 characters that the page makes: who begins a payment with it proves with it to be its payer.',
          ),
          header('Tollbridge-Watch-Token', 'The watch token of the payment, as a proof.'),
          header('Tollbridge-Client-Secret', 'The client secret of the payment, as a proof.'),
          header('Tollbridge-Quote', 'A quote for the order of the payment, as a proof.'),
        ]
      : []),
    ...(doc.takesAccount === true
      ? [
          header(
            'Stripe-Account',
            'The connected account (`acct_…`) that the call is about. Server key only.',
          ),
        ]
      : []),
  ]
}

function queryParameters({ query }: RouteDoc): Json[] {
  if (query === undefined) return []
  const { properties = {}, required = [] } = jsonSchema(query, 'input') as {
    properties?: Readonly<Record<string, Json>>
    required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }))
}

function requestBody(body: z.ZodType): Json {
  const schema = jsonSchema(body, 'input')
  const required = Array.isArray(schema['required']) && schema['required'].length > 0
  return { required, content: { 'application/json': { schema } } }
}

function answer({ answer: it }: RouteDoc): Json {
  if (typeof it !== 'string') {
    return { description: 'Done.', content: { 'application/json': { schema: jsonSchema(it, 'output') } } }
  }
  return { description: 'Done.', content: { [it]: { schema: { type: 'string' } } } }
}

function errorResponse(): Json {
  return {
    description: 'Refused or failed; `code` says why.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  }
}

function errorSchema(): Json {
  const types = [...new Set(Object.values(errorCodes).map(({ type }) => type))]
  const error = z.looseObject({
    type: z.enum(types),
    code: z.string().describe('One of docs/reference/errors.md; of a declined card, Stripe’s own.'),
    message: z.string().describe('A sentence that names the field and the fix.'),
    param: z.string().optional(),
    decline_code: z.string().optional(),
    request_id: z.string(),
  })
  return jsonSchema(z.object({ error }), 'output')
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
  })
  return rest
}

function bearer(description: string): Json {
  return { type: 'http', scheme: 'bearer', description }
}
