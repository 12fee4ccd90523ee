/** Watch tokens: signed, scoped and expiring permission to follow one payment (JWS, HS256). */
import { jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../clock.ts'
import type { AppId, WatchScope } from './principal.ts'

export interface WatchTokens {
  /** @returns a compact JWS that opens `scope` of `appId` until it expires. */
  sign(appId: AppId, scope: WatchScope): Promise<string>
  /** @returns the scope, or null for anything forged, expired or of another app. */
  verify(appId: AppId, token: string): Promise<WatchScope | null>
}

export interface WatchTokensDeps {
  readonly clock: Clock
  /** At least 32 bytes, kept in the store, never shown. */
  readonly signingKey: Uint8Array
  readonly lifetimeSeconds: number
}

const AUDIENCE = 'tollbridge-watch'

export function createWatchTokens({ clock, signingKey, lifetimeSeconds }: WatchTokensDeps): WatchTokens {
  return {
    async sign(appId, scope) {
      const issuedAt = Math.floor(clock.now() / 1000)
      return new SignJWT({ scope: { id: scope.id, pi: scope.paymentIntentId, order: scope.orderId } })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setAudience(AUDIENCE)
        .setIssuer(appId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(signingKey)
    },
    async verify(appId, token) {
      try {
        const { payload } = await jwtVerify(token, signingKey, {
          algorithms: ['HS256'],
          audience: AUDIENCE,
          issuer: appId,
          currentDate: new Date(clock.now()),
        })
        return readScope(payload['scope'])
      } catch {
        return null
      }
    },
  }
}

function readScope(value: unknown): WatchScope | null {
  if (typeof value !== 'object' || value === null) return null
  const { id, pi, order } = value as Record<string, unknown>
  if (!isStrings(id) || !isStrings(pi) || !isStrings(order)) return null
  return { id, paymentIntentId: pi, orderId: order }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
