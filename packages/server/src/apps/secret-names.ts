/** The names under which the secrets of an app stand in the store. */

export const STRIPE_SECRET_KEY = 'stripe_secret_key'
export const WATCH_SIGNING_KEY = 'watch_signing_key'

const SIGNING_SECRET = 'signing_secret/'

export type SigningSecretId = `ss_${string}`

export function signingSecretName(id: SigningSecretId): string {
  return SIGNING_SECRET + id
}

/** @returns null for the name of another kind of secret. */
export function signingSecretId(name: string): SigningSecretId | null {
  return name.startsWith(SIGNING_SECRET) ? (name.slice(SIGNING_SECRET.length) as SigningSecretId) : null
}
