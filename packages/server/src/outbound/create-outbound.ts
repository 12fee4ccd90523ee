/** Calls to addresses that somebody gave us: never inward, never along a redirect, never longer or larger than told. */
import { type IncomingHttpHeaders, type IncomingMessage, request as openHttp } from 'node:http'
import { request as openHttps } from 'node:https'
import { AddressRefused, createGuardedAgents, type GuardedAgentsOptions } from './guarded-agents.ts'
import { createReach, type OnBehalfOf, type ReachSettings } from './reach.ts'

export interface OutboundRequest {
  /** http or https; a user and a password in it are refused. */
  readonly url: string
  readonly method: 'GET' | 'POST'
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** null: none. */
  readonly body: string | Uint8Array | null
  /** Whose rule decides which addresses may be reached. */
  readonly onBehalfOf: OnBehalfOf
  /** From the first step to the last byte of the answer. */
  readonly timeoutMs: number
  /** Of the answer's body; the rest is not read. */
  readonly mostBytes?: number
}

export interface OutboundAnswer {
  readonly outcome: 'answered'
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Up to `mostBytes`. Written by whoever answers there, so it is never to be repeated to anybody. */
  readonly body: Buffer
  readonly isWhole: boolean
}

/** Nothing of what the other side or a name server said: only which step failed. */
export type OutboundFailure =
  /** Not an http or https address, or it leads to where this server does not call. Nothing was sent. */
  | { readonly outcome: 'refused'; readonly reason: 'address_invalid' | 'address_not_allowed' }
  | { readonly outcome: 'failed'; readonly reason: FailureReason }

export type FailureReason =
  | 'timeout'
  | 'name_not_found'
  | 'connection_refused'
  | 'connection_lost'
  | 'certificate_invalid'
  | 'answer_invalid'

export interface Outbound {
  /** Sends once; a redirect is an answer like any other. Never rejects. */
  send(request: OutboundRequest): Promise<OutboundAnswer | OutboundFailure>
}

const MOST_BYTES = 64 * 1024

export function createOutbound(settings: ReachSettings, options: GuardedAgentsOptions = {}): Outbound {
  const reachFor = createReach(settings)
  return {
    async send(request) {
      const url = addressOf(request.url)
      if (url === null) return { outcome: 'refused', reason: 'address_invalid' }
      const agents = createGuardedAgents(reachFor(request.onBehalfOf), options)
      try {
        return await exchange(request, url, agents[url.protocol])
      } catch (error) {
        return error instanceof AddressRefused
          ? { outcome: 'refused', reason: 'address_not_allowed' }
          : { outcome: 'failed', reason: reasonOf(error) }
      } finally {
        agents.close()
      }
    },
  }
}

/** Why it failed, in words that hold nothing of what was found there. */
export function describeOutboundFailure(failure: OutboundFailure): string {
  return SENTENCES[failure.reason]
}

const SENTENCES: Readonly<Record<OutboundFailure['reason'], string>> = {
  address_invalid: 'it is no http or https address',
  address_not_allowed:
    'it leads to an address of this machine, of a private network or of no use outside, which is not called unless OUTBOUND_ADDRESSES allows it',
  timeout: 'no answer came in time',
  name_not_found: 'its host name is not known',
  connection_refused: 'nobody takes connections there',
  connection_lost: 'the connection could not be made or broke',
  certificate_invalid: 'its certificate is not valid for it',
  answer_invalid: 'what answers there does not speak HTTP',
}

type WebAddress = URL & { readonly protocol: 'http:' | 'https:' }

function addressOf(text: string): WebAddress | null {
  const url = URL.canParse(text) ? new URL(text) : null
  const isPlain = url !== null && url.username === '' && url.password === ''
  return isPlain && /^https?:$/.test(url.protocol) ? (url as WebAddress) : null
}

function exchange(
  { method, headers, body, timeoutMs, mostBytes = MOST_BYTES }: OutboundRequest,
  url: WebAddress,
  agent: ReturnType<typeof createGuardedAgents>['http:' | 'https:'],
): Promise<OutboundAnswer> {
  return new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? openHttps : openHttp
    const framing: Record<string, string> =
      body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const request = open(url, {
      method,
      headers: { ...headers, ...framing },
      agent,
      signal: AbortSignal.timeout(timeoutMs),
    })
    request.on('error', reject)
    request.on('upgrade', (_answer, socket) => {
      socket.destroy()
      reject(new Error('It switches protocols'))
    })
    request.on('response', (message) => {
      readUpTo(message, mostBytes).then(
        (read) =>
          resolve({
            outcome: 'answered',
            status: message.statusCode ?? 0,
            headers: message.headers,
            ...read,
          }),
        reject,
      )
    })
    request.end(body ?? undefined)
  })
}

async function readUpTo(
  message: IncomingMessage,
  most: number,
): Promise<Pick<OutboundAnswer, 'body' | 'isWhole'>> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message) {
    chunks.push(chunk as Buffer)
    length += (chunk as Buffer).length
    // Leaving the loop destroys the message, and with it the connection.
    if (length > most) return { body: Buffer.concat(chunks).subarray(0, most), isWhole: false }
  }
  return { body: Buffer.concat(chunks), isWhole: true }
}

function reasonOf(error: unknown): FailureReason {
  const { name, code = '' } = error as NodeJS.ErrnoException
  if (name === 'TimeoutError' || name === 'AbortError' || code === 'ETIMEDOUT') return 'timeout'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name_not_found'
  if (code === 'ECONNREFUSED') return 'connection_refused'
  if (/^HPE_/.test(code)) return 'answer_invalid'
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO|ERR_TLS/.test(code)) return 'certificate_invalid'
  return 'connection_lost'
}
