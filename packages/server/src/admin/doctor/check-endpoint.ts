/** Is there a webhook endpoint, is it on, and does it get what is needed. Pure: judges what Stripe lists. */
import type { AppRecord } from '../../store/app-store.ts'
import type { WebhookEndpoint } from '../../stripe/stripe-account.ts'
import { missingEvents } from '../needed-events.ts'
import { type Check, fail, ok, warn } from './check.ts'

export interface EndpointView {
  readonly app: AppRecord
  /** Those that deliver to the app. */
  readonly endpoints: readonly WebhookEndpoint[]
  /** Where one would be; null when no public URL is known. */
  readonly expectedUrl: string | null
  readonly apiVersion: string
}

const ACTIVATE = 'Run tollbridge activate again: it'

export function judgeEndpoint({ app, endpoints, expectedUrl, apiVersion }: EndpointView): readonly Check[] {
  const endpoint = endpoints.find(({ id }) => id === app.webhookEndpointId) ?? endpoints[0]
  if (endpoint === undefined) {
    return [
      fail(
        'webhook_endpoint',
        `The Stripe account has no webhook endpoint for ${expectedUrl ?? 'this server, whose public address is not known'}: no event arrives.`,
        expectedUrl === null
          ? 'Set PUBLIC_URL, or activate the app with its public URL.'
          : `${ACTIVATE} makes the endpoint.`,
      ),
    ]
  }
  return [
    judgeCount(endpoint, endpoints),
    judgeStatus(endpoint),
    judgeEvents(endpoint),
    judgeVersion(app, endpoint, apiVersion),
  ]
}

function judgeCount({ id, url }: WebhookEndpoint, endpoints: readonly WebhookEndpoint[]): Check {
  const others = endpoints.filter((it) => it.id !== id)
  if (others.length === 0) return ok('webhook_endpoint', `Stripe delivers to ${url} (${id}).`)
  return warn(
    'webhook_endpoint',
    `${endpoints.length} webhook endpoints deliver the same events here: ${endpoints.map((it) => it.id).join(', ')}.`,
    `Delete ${others.map((it) => it.id).join(', ')} in the Stripe dashboard.`,
  )
}

function judgeStatus({ id, status }: WebhookEndpoint): Check {
  if (status === 'enabled') return ok('endpoint_status', 'The webhook endpoint is enabled.')
  return fail(
    'endpoint_status',
    `The webhook endpoint ${id} is ${status} at Stripe: no event arrives.`,
    `${ACTIVATE} enables the endpoint; gap repair fetches what was missed.`,
  )
}

function judgeEvents({ id, enabled_events }: WebhookEndpoint): Check {
  const missing = missingEvents(enabled_events)
  if (missing.length === 0) return ok('endpoint_events', 'The endpoint gets every event that is needed.')
  return fail(
    'endpoint_events',
    `The webhook endpoint ${id} is not subscribed to ${missing.join(', ')}.`,
    `${ACTIVATE} adds them.`,
  )
}

function judgeVersion(app: AppRecord, { id, api_version }: WebhookEndpoint, wanted: string): Check {
  if (api_version === wanted || (app.mode === 'sandbox' && api_version === null)) {
    return ok('api_version', `Events come in the API version ${wanted}.`)
  }
  return warn(
    'api_version',
    `The webhook endpoint ${id} sends events in ${api_version === null ? 'the default API version of the account' : `API version ${api_version}`}, and this version of Tollbridge is made for ${wanted}.`,
    'Run tollbridge activate --replace: Stripe fixes the version of an endpoint when it is made.',
  )
}
