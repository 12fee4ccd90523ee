/** Session tokens of pages: signed, short-lived proof of whose page it is (JWS, HS256). PROTOCOL.md §7.1. */
import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../clock.ts'
import type { ServerKeyId } from './api-keys.ts'
import type { AppId } from './principal.ts'

/** Milliseconds since the epoch, as `expiresAt` says. */
export interface UiSession {
  readonly appId: AppId
  readonly id: `uis_${string}`
  /** The app's own id of the person. */
  readonly user: string
  /** Where the page may come from; `*`: from anywhere. */
  readonly origins: readonly string[]
  readonly expiresAt: number
  /** The server key that asked for it: the session ends with that key. */
  readonly madeBy: ServerKeyId
}

export type ReadUiSession =
  | { readonly outcome: 'valid'; readonly session: UiSession }
  | { readonly outcome: 'expired' | 'invalid' }

export interface UiSessionTokens {
  sign(session: UiSession): Promise<string>
  read(token: string): Promise<ReadUiSession>
}

export interface UiSessionTokensDeps {
  readonly clock: Clock
  /** At least 32 bytes, never shown; null for an app that is not served. */
  signingKey(appId: AppId): Uint8Array | null
  /** Whether the app still has the server key, good for pages. */
  hasServerKey(appId: AppId, keyId: string): boolean
}

/** Other than that of watch tokens, which the same key signs: neither opens what the other does. */
const AUDIENCE = 'tollbridge-ui-session'
const LONGEST_TOKEN = 8_192

export function createUiSessionTokens({
  clock,
  signingKey,
  hasServerKey,
}: UiSessionTokensDeps): UiSessionTokens {
  return {
    async sign({ appId, id, user, origins, expiresAt, madeBy }) {
      const key = signingKey(appId)
      if (key === null) throw new Error(`The app ${appId} is not served`)
      return new SignJWT({ origins, key: madeBy })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setAudience(AUDIENCE)
        .setIssuer(appId)
        .setJti(id)
        .setSubject(user)
        .setIssuedAt(Math.floor(clock.now() / 1000))
        .setExpirationTime(Math.floor(expiresAt / 1000))
        .sign(key)
    },
    async read(token) {
      try {
        if (token.length > LONGEST_TOKEN) return { outcome: 'invalid' }
        // Only to find the key; whose token it is says the signature.
        const appId = decodeJwt(token).iss ?? ''
        const key = signingKey(appId)
        if (key === null) return { outcome: 'invalid' }
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          audience: AUDIENCE,
          issuer: appId,
          requiredClaims: ['exp', 'jti', 'sub'],
          currentDate: new Date(clock.now()),
        })
        const { jti, sub, exp } = payload
        const { origins, key: madeBy = '' } = payload as { origins?: readonly string[]; key?: string }
        if (!hasServerKey(appId, madeBy)) return { outcome: 'invalid' }
        const session: UiSession = {
          appId,
          id: jti as UiSession['id'],
          user: sub ?? '',
          origins: origins ?? [],
          expiresAt: (exp ?? 0) * 1000,
          madeBy: madeBy as ServerKeyId,
        }
        return { outcome: 'valid', session }
      } catch (error) {
        return { outcome: error instanceof errors.JWTExpired ? 'expired' : 'invalid' }
      }
    },
  }
}
