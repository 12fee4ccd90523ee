/** One attempt to deliver a webhook: signs the payload now and posts it as Stripe does. */
import { createHmac } from 'node:crypto'
import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

export interface WebhookAttempt {
  url: string
  payload: string
  secret: string
  /** Seconds, as signed. */
  timestamp: number
  timeoutMs: number
}

/** The receiver's status, or why there was none. */
export type AttemptResult = { status: number } | { failure: string }

export interface WebhookSender {
  /** Never rejects. Redirects are not followed. */
  send(attempt: WebhookAttempt): Promise<AttemptResult>
  /** Breaks off what is under way. */
  close(): void
}

/** The `Stripe-Signature` header: HMAC-SHA256 keyed with the whole secret, `whsec_` included. */
export function signatureHeader(payload: string, secret: string, timestamp: number): string {
  const v1 = createHmac('sha256', secret).update(`${timestamp}.${payload}`).digest('hex')
  return `t=${timestamp},v1=${v1}`
}

export function createWebhookSender(): WebhookSender {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }
  const active = new Set<ClientRequest>()

  function post({ url, payload, secret, timestamp, timeoutMs }: WebhookAttempt): Promise<AttemptResult> {
    return new Promise((resolve) => {
      const body = Buffer.from(payload)
      const secure = url.startsWith('https:')
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: secure ? agents.https : agents.http,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': body.length,
          accept: '*/*; q=0.5, application/xml',
          'cache-control': 'no-cache',
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
          'stripe-signature': signatureHeader(payload, secret, timestamp),
        },
      })
      const timeout = setTimeout(() => {
        request.destroy(new Error(`no answer within ${timeoutMs} ms`))
      }, timeoutMs)
      const settle = (result: AttemptResult): void => {
        clearTimeout(timeout)
        active.delete(request)
        resolve(result)
      }
      active.add(request)
      request.once('response', (response) => {
        response.resume()
        response.once('end', () => settle({ status: response.statusCode ?? 0 }))
        response.once('error', (error) => settle({ failure: error.message }))
      })
      request.once('error', (error: NodeJS.ErrnoException) => {
        // The receiver had closed this idle connection before our request reached it: not its answer.
        if (request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) {
          settle({ failure: STALE_CONNECTION })
        } else settle({ failure: error.message })
      })
      request.end(body)
    })
  }

  return {
    async send(attempt) {
      for (;;) {
        const result = await post(attempt)
        if (!('failure' in result && result.failure === STALE_CONNECTION)) return result
      }
    },
    close() {
      for (const request of active) request.destroy()
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

const STALE_CONNECTION = 'the receiver had closed the connection'
