/** Who connects: reads the query of the Socket.IO handshake and finds the app and the caller. */
import type { App, AppDirectory } from '../../access/app-directory.ts'
import { assertScope } from '../../access/assert-scope.ts'
import type { Principal } from '../../access/principal.ts'
import { isSecretKey } from '../../access/secret-keys-in-text.ts'
import { ServiceError } from '../../errors.ts'
import type { ShownBeside } from '../../http/authenticate.ts'
import { secretKeyInAddress } from '../../http/keys-in-address.ts'
import { assertFit } from '../../http/request-gate.ts'
import { STRICT } from '../../http/unfit-value.ts'

export interface Handshake {
  readonly app: App
  readonly apiKey: string
  /** The header; a server of the app shows its key there. */
  readonly authorization: string | undefined
  readonly principal: Principal
  /** One per SDK instance, the same after a reconnect; null when the client sent none. */
  readonly clientId: string | null
  /** Each event argument is bytes that hold the JSON, as the Java client has it. */
  readonly binary: boolean
}

export interface HandshakeDeps {
  readonly directory: Pick<AppDirectory, 'find'>
  /**
   * Throws `api_key_invalid`, and `secret_key_in_address` for a secret key in the query. A user token that is no watch
   * token of ours means nothing.
   */
  authenticate(app: App, key: string, shown: ShownBeside): Promise<Principal>
}

export type HandshakeQuery = Readonly<Record<string, string | string[] | undefined>>

/** What of the handshake is read; Socket.IO's own has it. */
export interface HandshakeRequest {
  readonly query: HandshakeQuery
  /** What protocol 4 sends beside the query; read only to refuse keys in it. */
  readonly auth?: unknown
  readonly headers: { readonly authorization?: string | undefined }
}

const LONGEST_CLIENT_ID = 128
const DEEPEST = 8

/**
 * Throws `parameter_invalid`, `secret_key_in_address`, `app_unknown`, `api_key_missing`, `api_key_invalid` or
 * `scope_missing`.
 */
export async function readHandshake(
  namespace: string,
  { query, auth, headers }: HandshakeRequest,
  { directory, authenticate }: HandshakeDeps,
): Promise<Handshake> {
  assertFit(query, STRICT, 'parameter')
  if (carriesSecretKey(query) || carriesSecretKey(auth)) throw secretKeyInAddress()
  const app = directory.find(namespace.slice(1))
  if (app === null) throw new ServiceError('app_unknown', { message: 'There is no app with that id here.' })
  const apiKey = single(query['apiKey'])
  if (apiKey === null) {
    throw new ServiceError('api_key_missing', {
      message: 'The query parameter apiKey is missing: connect with the client key of the app.',
    })
  }
  const { authorization } = headers
  const userToken = readUserToken(query['userToken'])
  const principal = await authenticate(app, apiKey, { userToken, authorization })
  assertScope(principal, 'read')
  const clientId = single(query['clientId'])
  return {
    app,
    apiKey,
    authorization,
    principal,
    clientId: clientId !== null && clientId.length <= LONGEST_CLIENT_ID ? clientId : null,
    binary: isBinary({ query }),
  }
}

/** Whether the Java client connects, which speaks in bytes. */
export function isBinary({ query }: Pick<HandshakeRequest, 'query'>): boolean {
  return single(query['binary']) === 'true'
}

/** In any parameter: what nobody reads is logged all the same. */
function carriesSecretKey(shown: unknown, levels = DEEPEST): boolean {
  if (typeof shown === 'string') return isSecretKey(shown)
  if (typeof shown !== 'object' || shown === null || levels === 0) return false
  return Object.entries(shown).some(
    ([name, value]) => isSecretKey(name) || carriesSecretKey(value, levels - 1),
  )
}

/** The SDK writes the word `null` where there is no token. */
function readUserToken(value: string | string[] | undefined): string | null {
  const token = single(value)
  return token === 'null' || token === 'undefined' ? null : token
}

function single(value: string | string[] | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
