/** Customer tokens: signed, short-lived proof that a page acts for one customer of the app (JWS, HS256). */
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../clock.ts'
import type { ServerKeyId } from './api-keys.ts'
import type { AppId } from './principal.ts'

export type CustomerId = `cus_${string}`

export interface CustomerToken {
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export type ReadCustomerToken =
  | { readonly outcome: 'valid'; readonly customer: CustomerId }
  | { readonly outcome: 'expired' | 'invalid' }

export interface NewCustomerToken {
  readonly appId: AppId
  readonly customer: CustomerId
  /** The server key that asks for it: the token ends with that key. */
  readonly madeBy: ServerKeyId
  readonly lifetimeSeconds: number
}

export interface CustomerTokens {
  sign(token: NewCustomerToken): Promise<CustomerToken>
  /** A token of another app, of an app that is disabled, or of a key that was taken away is invalid. */
  read(appId: AppId, token: string): Promise<ReadCustomerToken>
}

export interface CustomerTokensDeps {
  readonly clock: Clock
  /** At least 32 bytes, never shown; null for an app that is not served. */
  signingKey(appId: AppId): Uint8Array | null
  /** Whether the app still has the server key. */
  hasServerKey(appId: AppId, keyId: string): boolean
}

export const CUSTOMER_ID = /^cus_\w{1,251}$/

/** Other than those of watch tokens and page sessions, which the same key signs: none opens what another does. */
const AUDIENCE = 'tollbridge-customer'
const LONGEST_TOKEN = 2_048

export function createCustomerTokens(deps: CustomerTokensDeps): CustomerTokens {
  const { clock, signingKey, hasServerKey } = deps
  return {
    async sign({ appId, customer, madeBy, lifetimeSeconds }) {
      const key = signingKey(appId)
      if (key === null) throw new Error(`The app ${appId} is not served`)
      const now = Math.floor(clock.now() / 1000)
      const token = await new SignJWT({ key: madeBy })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setAudience(AUDIENCE)
        .setIssuer(appId)
        .setSubject(customer)
        .setIssuedAt(now)
        .setExpirationTime(now + lifetimeSeconds)
        .sign(key)
      return { token, expiresAt: (now + lifetimeSeconds) * 1000 }
    },
    async read(appId, token) {
      const key = token.length > LONGEST_TOKEN ? null : signingKey(appId)
      if (key === null) return { outcome: 'invalid' }
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          audience: AUDIENCE,
          issuer: appId,
          requiredClaims: ['exp', 'sub'],
          currentDate: new Date(clock.now()),
        })
        const customer = payload.sub ?? ''
        return CUSTOMER_ID.test(customer) && hasServerKey(appId, String(payload['key']))
          ? { outcome: 'valid', customer: customer as CustomerId }
          : { outcome: 'invalid' }
      } catch (error) {
        return { outcome: error instanceof errors.JWTExpired ? 'expired' : 'invalid' }
      }
    },
  }
}
