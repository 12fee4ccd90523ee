/**
 * How the SDK's calls travel. The SDK's own client ends a call when nothing moves for a while; this one ends it when its
 * time is over, so that an answer of one byte a second holds up nobody.
 */
import { type IncomingMessage, request as openHttp } from 'node:http'
import { request as openHttps } from 'node:https'
import { Stripe } from 'stripe'
import type { StripeWires } from './stripe-connections.ts'

type MakeRequest = Stripe.HttpClient['makeRequest']

export function createStripeHttpClient({ kept, letGo }: StripeWires): Stripe.HttpClient {
  return new (class extends Stripe.HttpClient {
    override getClientName = () => 'node'
    override makeRequest(
      ...[host, port, path, method, headers, body, protocol, timeoutMs]: Parameters<MakeRequest>
    ) {
      return new Promise<StripeHttpResponse>((resolve, reject) => {
        const isPlain = protocol === 'http'
        const sent = (isPlain ? openHttp : openHttps)({
          host,
          port,
          path,
          method,
          // Node's types know no `undefined` in a list of values, which the SDK never sends.
          headers: headers as Record<string, string>,
          agent: kept[isPlain ? 'http:' : 'https:'],
          signal: letGo,
        })
        let answer: IncomingMessage | null = null
        const timer = setTimeout(() => {
          const error = Stripe.HttpClient.makeTimeoutError()
          // Of an answer that has begun, its reader is told.
          answer?.destroy(error)
          sent.destroy(error)
        }, timeoutMs)
        sent.on('response', (message) => {
          answer = message
          resolve(new StripeHttpResponse(message))
        })
        sent.on('error', reject)
        sent.on('close', () => {
          clearTimeout(timer)
          // Where Stripe's side neither answers nor fails, as when it switches protocols.
          reject(Object.assign(new Error('The connection was closed'), { code: 'CONNECTION_CLOSED' }))
        })
        sent.end(body)
      })
    }
  })()
}

class StripeHttpResponse extends Stripe.HttpClientResponse {
  readonly #message: IncomingMessage
  constructor(message: IncomingMessage) {
    super(message.statusCode ?? 0, message.headers as Record<string, string>)
    this.#message = message
    // Without a listener a failure before anybody reads would end the process; who reads hears of it all the same.
    message.on('error', () => undefined)
  }

  override getRawResponse(): IncomingMessage {
    return this.#message
  }

  override toStream(onEnd: () => void): IncomingMessage {
    this.#message.once('end', onEnd)
    return this.#message
  }

  override async toJSON(): Promise<unknown> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of this.#message) chunks.push(chunk as Buffer)
      if (!this.#message.complete) throw new Error('The answer broke off')
    } catch (error) {
      throw Stripe.HttpClient.makeResponseBodyError(error)
    }
    return this._parseResponseBody(Buffer.concat(chunks).toString('utf8'))
  }

  /** An answer that nobody reads frees its connection. */
  dispose(): void {
    this.#message.resume()
  }
}
