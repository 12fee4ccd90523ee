/** A running product, and signed deliveries of any content to it, as Stripe makes them. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Stripe from 'stripe'
import { type Answer, call } from '../../support/api-client.ts'
import { type StartOptions, startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

const SECRET = 'whsec_ofTheSignedInbox'
const stripe = new Stripe('sk_test_unused', { telemetry: false })

export interface SignedInbox {
  readonly server: Tollbridge
  /** @returns the status that Stripe gets, and the body. */
  deliver(event: object, options?: { readonly secret?: string; readonly pretty?: boolean }): Promise<Answer>
  /** Gives up on an event, as seven failed tries do. */
  makeDead(eventId: string): void
  api(path: string, body?: object, key?: string): Promise<Answer>
  stop(): Promise<void>
}

export async function startSignedInbox(options: StartOptions = {}): Promise<SignedInbox> {
  const server = await startTollbridge(options)
  const api = (path: string, body?: object, key?: string) =>
    call(server, path, { ...(body === undefined ? {} : { body }), ...(key === undefined ? {} : { key }) })
  const secret = { app_id: server.appId, signing_secret: SECRET }
  const { status } = await api('/v1/admin/signing_secrets', secret, server.operatorKey ?? '')
  if (status >= 300) throw new Error(`The signing secret was not taken: ${status}`)

  return {
    server,
    api,
    async deliver(event, { secret = SECRET, pretty = false } = {}) {
      const payload = pretty ? JSON.stringify(event, null, 2) : JSON.stringify(event)
      const response = await fetch(`${server.url}/webhooks/stripe`, {
        method: 'POST',
        body: payload,
        headers: { 'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload, secret }) },
      })
      return {
        status: response.status,
        headers: response.headers,
        body: (await response.json()) as Record<string, unknown>,
      }
    },
    makeDead(eventId) {
      const database = new DatabaseSync(join(server.dataDir, 'tollbridge.db'), { timeout: 5_000 })
      const position = database.prepare('SELECT position FROM events WHERE event_id = ?').get(eventId)?.[
        'position'
      ]
      if (position === undefined) throw new Error(`There is no event ${eventId}`)
      database.exec('BEGIN IMMEDIATE')
      database
        .prepare(
          `UPDATE event_handling SET state = 'dead', attempts = 7, due_at = NULL, lease_token = NULL,
             started_at = NULL, handled_at = NULL WHERE position = ?`,
        )
        .run(Number(position))
      database
        .prepare(
          `INSERT INTO event_failures SELECT position, 7, app_id, 1, 2, 'the rule broke' FROM event_handling
           WHERE position = ?`,
        )
        .run(Number(position))
      database.exec('COMMIT')
      database.close()
    },
    stop: () => server.stop(),
  }
}
