/** 3-D Secure: when a card asks for it, and what the intent tells its client to do. */
import type { Call } from '../api/call.ts'
import type { Hidden } from '../store/stored-objects.ts'
import type { TestCard } from '../test-cards.ts'

export interface AuthenticationCircumstances {
  /** The customer is not there. */
  offSession: boolean
  setUpForOffSession: boolean
  /** The caller asked for 3-D Secure (`any` or `challenge`). */
  requested: boolean
}

/** Whether the card wants its holder to authenticate. */
export function needsAuthentication(testCard: TestCard | null, given: AuthenticationCircumstances): boolean {
  switch (testCard?.authentication) {
    case 'always':
      return true
    case 'until_set_up':
      return !given.setUpForOffSession
    case 'on_session':
      return !given.offSession
    case 'on_request':
      return given.requested
    default:
      return false
  }
}

export interface Challenge {
  nextAction: NextAction
  hidden: Hidden
}

export type NextAction =
  | { type: 'redirect_to_url'; redirect_to_url: { return_url: string; url: string } }
  | { type: 'use_stripe_sdk'; use_stripe_sdk: Record<string, string> }

/** Opens a challenge: a redirect when the caller gave a return address, else one for Stripe.js. */
export function openChallenge(
  call: Call,
  intentId: string,
  options: { returnUrl?: string | undefined; useStripeSdk?: boolean | undefined },
): Challenge {
  const challenge = call.newId('payatt_3')
  const url = `${call.baseUrl}/3ds/${intentId}?attempt=${challenge}`
  const hidden: Hidden = { challenge, authenticated: false, returnUrl: options.returnUrl ?? '' }
  if (options.returnUrl && !options.useStripeSdk) {
    const redirect = { return_url: options.returnUrl, url }
    return { nextAction: { type: 'redirect_to_url', redirect_to_url: redirect }, hidden }
  }
  return {
    nextAction: {
      type: 'use_stripe_sdk',
      use_stripe_sdk: { source: challenge, stripe_js: url, type: 'three_d_secure_redirect' },
    },
    hidden,
  }
}
