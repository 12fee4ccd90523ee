/** Decides what activation does with the webhook endpoints of an account. Pure: it calls nobody. */
import type { EventType, WebhookEndpoint } from '../stripe/stripe-account.ts'
import { missingEvents, NEEDED_EVENTS } from './needed-events.ts'
import { deliversTo, type EndpointOwner, webhookUrl } from './webhook-urls.ts'

export type EndpointPlan =
  | { readonly kind: 'create'; readonly url: string }
  | { readonly kind: 'keep'; readonly endpoint: WebhookEndpoint }
  | { readonly kind: 'update'; readonly endpoint: WebhookEndpoint; readonly changes: EndpointChanges }
  | { readonly kind: 'replace'; readonly endpoint: WebhookEndpoint }
  /** There is one, and nobody here knows its signing secret. */
  | { readonly kind: 'secret_unknown'; readonly endpoint: WebhookEndpoint }

export interface EndpointChanges {
  readonly url?: string
  readonly enabledEvents?: readonly EventType[]
  readonly disabled?: false
}

export interface EndpointFacts {
  readonly endpoints: readonly WebhookEndpoint[]
  readonly publicUrl: string
  readonly owner: EndpointOwner
  /** The endpoint of an earlier activation, wherever it points now. */
  readonly rememberedId: string | null
  /** Whether we hold the signing secret of an endpoint. */
  knowsSecret(endpointId: string): boolean
  readonly replace: boolean
}

export function planEndpoint(facts: EndpointFacts): EndpointPlan {
  const { publicUrl, owner } = facts
  const endpoint = findEndpoint(facts)
  if (endpoint === null) return { kind: 'create', url: webhookUrl(publicUrl, owner.appId) }
  if (facts.replace) return { kind: 'replace', endpoint }
  if (!facts.knowsSecret(endpoint.id)) return { kind: 'secret_unknown', endpoint }
  const missing = missingEvents(endpoint.enabled_events)
  const changes: EndpointChanges = {
    ...(deliversTo(endpoint.url, publicUrl, owner) ? {} : { url: webhookUrl(publicUrl, owner.appId) }),
    // What else it is subscribed to, somebody wanted.
    ...(missing.length === 0
      ? {}
      : { enabledEvents: [...new Set([...endpoint.enabled_events, ...NEEDED_EVENTS])] as EventType[] }),
    ...(endpoint.status === 'disabled' ? { disabled: false as const } : {}),
  }
  return Object.keys(changes).length === 0
    ? { kind: 'keep', endpoint }
    : { kind: 'update', endpoint, changes }
}

/** By its URL; of several that one whose secret is known. Else the one of an earlier public URL. */
function findEndpoint(facts: EndpointFacts): WebhookEndpoint | null {
  const here = endpointsOf(facts)
  const known = here.find(({ id }) => facts.knowsSecret(id))
  return known ?? here[0] ?? facts.endpoints.find(({ id }) => id === facts.rememberedId) ?? null
}

export function endpointsOf({
  endpoints,
  publicUrl,
  owner,
}: Pick<EndpointFacts, 'endpoints' | 'publicUrl' | 'owner'>): readonly WebhookEndpoint[] {
  return endpoints.filter(({ url }) => deliversTo(url, publicUrl, owner))
}
