/** The webhook endpoints: who is told of which events, and the secret that signs for them. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { mergeMetadata } from '../api/common-params.ts'
import { listPage, pageParams } from '../api/list-page.ts'
import { bool, list, metadata, type Param, required, shapeOf, text, unsettable } from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { invalidRequest, noSuch } from '../api/stripe-error.ts'
import { EVENT_TYPES } from '../event-types.ts'

const MAX_ENDPOINTS = 16

const enabledEvents = list(eventName(), 500)

export const webhookEndpointRoutes: Route[] = [
  route('POST /v1/webhook_endpoints', {
    params: shapeOf<Stripe.WebhookEndpointCreateParams>()({
      api_version: text(),
      connect: bool(),
      description: unsettable(text()),
      enabled_events: required(enabledEvents),
      expand: list(text()),
      metadata: metadata(),
      url: required(httpUrl()),
    }),
    run(call, { params }) {
      const { endpoint, secret } = createWebhookEndpoint(call, {
        url: params.url,
        enabledEvents: params.enabled_events,
        apiVersion: params.api_version,
        description: params.description ?? null,
        metadata: params.metadata ?? {},
      })
      return ok({ ...endpoint, secret })
    },
  }),
  route('GET /v1/webhook_endpoints', {
    params: shapeOf<Stripe.WebhookEndpointListParams>()({ ...pageParams, expand: list(text()) }),
    run: (call, { params }) =>
      ok(listPage(call, '/v1/webhook_endpoints', { kind: 'webhook_endpoint', page: params })),
  }),
  route('GET /v1/webhook_endpoints/:id', {
    params: shapeOf<Stripe.WebhookEndpointRetrieveParams>()({ expand: list(text()) }),
    run: (call, { id }) => ok(requireEndpoint(call, id)),
  }),
  route('POST /v1/webhook_endpoints/:id', {
    params: shapeOf<Stripe.WebhookEndpointUpdateParams>()({
      description: unsettable(text()),
      disabled: bool(),
      enabled_events: enabledEvents,
      expand: list(text()),
      metadata: metadata(),
      url: httpUrl(),
    }),
    run(call, { id, params }) {
      const endpoint = requireEndpoint(call, id)
      const updated: Stripe.WebhookEndpoint = {
        ...endpoint,
        description: params.description === undefined ? endpoint.description : params.description,
        enabled_events: params.enabled_events ?? endpoint.enabled_events,
        metadata: mergeMetadata(endpoint.metadata, params.metadata),
        status: params.disabled === undefined ? endpoint.status : params.disabled ? 'disabled' : 'enabled',
        url: params.url ?? endpoint.url,
      }
      call.store.put(updated)
      return ok(updated)
    },
  }),
  route('DELETE /v1/webhook_endpoints/:id', {
    params: {},
    run(call, { id }) {
      requireEndpoint(call, id)
      call.store.remove(id)
      return ok({ id, object: 'webhook_endpoint', deleted: true })
    },
  }),
]

export interface NewWebhookEndpoint {
  url: string
  enabledEvents: string[]
  apiVersion?: string | undefined
  description?: string | null
  metadata?: Record<string, string>
}

/** @throws StripeError 400 when there are 16 already. */
export function createWebhookEndpoint(
  call: Pick<Call, 'store' | 'newId' | 'now'>,
  given: NewWebhookEndpoint,
): { endpoint: Stripe.WebhookEndpoint; secret: string } {
  const existing = call.store.list({ kind: 'webhook_endpoint', limit: MAX_ENDPOINTS })
  if (existing.objects.length >= MAX_ENDPOINTS) {
    throw invalidRequest(
      `You have reached the maximum of ${MAX_ENDPOINTS} test webhook endpoints. Delete one before you create another.`,
    )
  }
  const endpoint: Stripe.WebhookEndpoint = {
    id: call.newId('we_1'),
    object: 'webhook_endpoint',
    api_version: given.apiVersion ?? null,
    application: null,
    created: call.now,
    description: given.description ?? null,
    enabled_events: given.enabledEvents,
    livemode: false,
    metadata: given.metadata ?? {},
    status: 'enabled',
    url: given.url,
  }
  const secret = call.newId('whsec_', 32)
  call.store.put(endpoint, { secret })
  return { endpoint, secret }
}

function requireEndpoint(call: Call, id: string): Stripe.WebhookEndpoint {
  const endpoint = call.store.get('webhook_endpoint', id)
  if (!endpoint) throw noSuch('webhook endpoint', id, 'id')
  return endpoint
}

/** Test mode takes http as well; anything that is no web address is refused. */
function httpUrl(): Param<string> {
  return {
    read(value, name) {
      const url = typeof value === 'string' ? URL.parse(value) : null
      if (url && /^https?:$/.test(url.protocol)) return value as string
      throw invalidRequest('Invalid URL: An explicit scheme (such as https) must be provided.', {
        code: 'url_invalid',
        param: name,
      })
    },
  }
}

/** The name of an event that Stripe has, or `*`: a misspelt one would never arrive. */
function eventName(): Param<string> {
  return {
    read(value, name) {
      if (typeof value === 'string' && (value === '*' || EVENT_TYPES.has(value))) return value
      throw invalidRequest(
        `Invalid ${name}: '${String(value).slice(0, 60)}' is no event type. Use names such as charge.succeeded, or * for all.`,
        { param: name },
      )
    },
  }
}
