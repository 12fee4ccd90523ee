/**
 * How the SDK's calls travel. The SDK's own client ends a call when nothing moves for a while; this one ends it when its
 * time is over, so that an answer of one byte a second holds up nobody.
 */
import { type IncomingMessage, request as openHttp } from 'node:http'
import { request as openHttps } from 'node:https'
import { Stripe } from 'stripe'
import { presentProgress } from './call-stage.ts'
import type { StripeWires } from './stripe-connections.ts'
import type { StripeTime } from './stripe-time.ts'

type MakeRequest = Stripe.HttpClient['makeRequest']

/** @param time learns from every answer what time it is at Stripe; absent: nobody asks */
export function createStripeHttpClient(
  { kept, letGo }: StripeWires,
  time?: Pick<StripeTime, 'note'>,
): Stripe.HttpClient {
  return new (class extends Stripe.HttpClient {
    override getClientName = () => 'node'
    override makeRequest(
      ...[host, port, path, method, headers, body, protocol, timeoutMs]: Parameters<MakeRequest>
    ) {
      const progress = presentProgress()
      progress.stage = 'preparing'
      return new Promise<StripeHttpResponse>((resolve, reject) => {
        const isPlain = protocol === 'http'
        // Throws for a header or a path that cannot be written: that is before any connection.
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
        progress.stage = 'connecting'
        sent.on('socket', (socket) => {
          const handOver = () => {
            progress.stage = 'handed_over'
          }
          if (sent.reusedSocket || !socket.connecting) handOver()
          else socket.once(isPlain ? 'connect' : 'secureConnect', handOver)
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
          time?.note(message.headers)
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
    const parsed: unknown = this._parseResponseBody(Buffer.concat(chunks).toString('utf8'))
    // The SDK waits for ever behind a number or a text, on which it cannot hang its own fields.
    if (typeof parsed !== 'object' || parsed === null) throw new Error('The answer is no object')
    return parsed
  }

  /** An answer that nobody reads frees its connection. */
  dispose(): void {
    this.#message.resume()
  }
}
