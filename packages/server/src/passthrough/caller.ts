/** Who calls: a server key, sent as Stripe's SDKs (Bearer) and curl -u (Basic) send an API key. */
import { hashServerKey, SERVER_KEY_PREFIX, serverKeyId } from '../access/api-keys.ts'
import type { AppDirectory } from '../access/app-directory.ts'
import type { AppId } from '../access/principal.ts'
import type { Scope } from '../access/scopes.ts'
import { ServiceError } from '../errors.ts'

export interface Caller {
  readonly appId: AppId
  /** SHA-256 of the server key, in hex. */
  readonly keyHash: string
  /** The name of the key that says nothing about it. */
  readonly keyId: string
  readonly scopes: readonly Scope[]
}

/** `tollbridge`: below `/v1/stripe`. `stripe`: at the root of a port of its own, where all is as at Stripe. */
export type Surface = 'tollbridge' | 'stripe'

/** Throws `api_key_missing`, `api_key_invalid`, `server_key_required` or `app_disabled`. */
export function callerOf(
  authorization: string | undefined,
  directory: Pick<AppDirectory, 'identifyAnywhere'>,
  surface: Surface,
): Caller {
  const key = keyIn(authorization)
  if (key === null) {
    throw new ServiceError('api_key_missing', {
      message:
        'No key was sent: add the header "Authorization: Bearer <server key>", or send the server key as user name.',
      details: surface === 'stripe' ? { type: 'invalid_request_error' } : {},
    })
  }
  const principal = directory.identifyAnywhere(key)
  if (principal?.role === 'server' && key.startsWith(SERVER_KEY_PREFIX)) {
    const keyHash = hashServerKey(key)
    return { appId: principal.appId, keyHash, keyId: serverKeyId(keyHash), scopes: principal.scopes }
  }
  if (principal !== null) throw clientKey(surface)
  throw new ServiceError('api_key_invalid', {
    message:
      'The key is not a server key (tbk_…) of this server. Keys of Stripe do not belong here: Tollbridge adds its own.',
    details: surface === 'stripe' ? { type: 'invalid_request_error' } : {},
  })
}

function clientKey(surface: Surface): ServiceError {
  const message =
    'Calls to Stripe take a server key (tbk_…), which must never stand in a page; a client key does not open them.'
  if (surface === 'tollbridge') return new ServiceError('server_key_required', { message })
  // As Stripe answers a publishable key.
  const details = { type: 'invalid_request_error', code: 'secret_key_required' }
  return new ServiceError('api_key_invalid', { message, details })
}

function keyIn(authorization: string | undefined): string | null {
  const [, scheme = '', credentials = ''] = /^(\w+) +(\S+) *$/.exec(authorization ?? '') ?? []
  if (/^bearer$/i.test(scheme)) return credentials
  if (!/^basic$/i.test(scheme)) return null
  return Buffer.from(credentials, 'base64').toString('utf8').split(':')[0] || null
}
