/** What a Stripe key says about itself: its kind and its mode. */

export type StripeMode = 'test' | 'live'

/** @returns null for what is no secret or restricted key. */
export function secretKeyMode(key: string): StripeMode | null {
  return mode(/^(?:sk|rk)_(test|live)_\w{8,}$/.exec(key)?.[1])
}

/** @returns null for what is no publishable key. */
export function publishableKeyMode(key: string): StripeMode | null {
  return mode(/^pk_(test|live)_\w{8,}$/.exec(key)?.[1])
}

export function isSigningSecret(text: string): boolean {
  return /^whsec_\S{8,}$/.test(text)
}

function mode(text: string | undefined): StripeMode | null {
  return text === 'test' || text === 'live' ? text : null
}
