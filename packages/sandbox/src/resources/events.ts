/** The event endpoints: what happened, and a delivery repeated by hand. */
import type Stripe from 'stripe'
import { createdParam, listPage, pageParams } from '../api/list-page.ts'
import { bool, list, required, shapeOf, text } from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { invalidRequest, noSuch } from '../api/stripe-error.ts'
import { UNDELIVERED_SQL } from '../delivery-log.ts'

export const eventRoutes: Route[] = [
  route('GET /v1/events', {
    params: shapeOf<Stripe.EventListParams>()({
      ...pageParams,
      created: createdParam,
      delivery_success: bool(),
      expand: list(text()),
      type: text(),
      types: list(text(), 20),
    }),
    run(call, { params }) {
      if (params.type !== undefined && params.types !== undefined) {
        throw invalidRequest('You may only specify one of these parameters: type, types.', {
          code: 'parameters_exclusive',
          param: 'types',
        })
      }
      const conditions: string[] = []
      const values: string[] = []
      const names = params.types ?? (params.type === undefined ? [] : [params.type])
      if (names.length > 0) {
        conditions.push(`(${names.map(() => "json_extract(body, '$.type') glob ?").join(' or ')})`)
        values.push(...names.map(globOf))
      }
      if (params.delivery_success !== undefined) {
        conditions.push(params.delivery_success ? `not ${UNDELIVERED_SQL}` : UNDELIVERED_SQL)
      }
      return ok(
        listPage(call, '/v1/events', {
          kind: 'event',
          page: params,
          created: params.created,
          also: conditions.length > 0 ? { sql: conditions.join(' and '), values } : undefined,
        }),
      )
    },
  }),
  route('GET /v1/events/:id', {
    params: shapeOf<Stripe.EventRetrieveParams>()({ expand: list(text()) }),
    run(call, { id }) {
      const event = call.store.get('event', id)
      if (!event) throw noSuch('event', id, 'id')
      return ok(event)
    },
  }),
  // Not in the SDK: the official command line's `stripe events resend` calls it.
  route('POST /v1/events/:id/retry', {
    params: { account: text(), expand: list(text()), webhook_endpoint: required(text()) },
    run(call, { id, params }) {
      const event = call.store.get('event', id)
      if (!event) throw noSuch('event', id, 'id')
      if (!call.store.get('webhook_endpoint', params.webhook_endpoint)) {
        throw noSuch('webhook endpoint', params.webhook_endpoint, 'webhook_endpoint')
      }
      call.redeliver(event.id, params.webhook_endpoint)
      return ok(event)
    },
  }),
]

/** `charge.*` matches a group of events; every other character stands for itself. */
function globOf(pattern: string): string {
  return pattern.replace(/[[?]/g, '[$&]')
}
