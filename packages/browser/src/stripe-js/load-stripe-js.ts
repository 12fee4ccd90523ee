/** Brings Stripe.js into the page, once: Stripe's own, or the sandbox's from its own address. */
import type { Stripe, StripeConstructor, StripeConstructorOptions } from '@stripe/stripe-js'
import { misuse, TollbridgeError } from '../tollbridge-error.ts'

// Not with loadStripe of @stripe/stripe-js: docs/decisions/0011.

const STRIPES = 'https://js.stripe.com/'
/** Tags of Stripe.js, old and new; other scripts lie at that place too. */
const TAG = `script[src^="${STRIPES}v3"],script[src^="${STRIPES}"][src*="/stripe.js"]`
const PATIENCE_MS = 30_000

/** Of the whole page; a failed one is forgotten, so that the next call tries again. */
let bringing: Promise<StripeConstructor> | undefined

/**
 * @param url where the app's Stripe.js is
 * @throws TollbridgeError `stripe_js_unavailable` (offline, blocked, a content security policy), `stripe_js_mismatch`,
 *   `publishable_key_invalid`
 */
export async function loadStripeJs(
  url: string,
  publishableKey: string,
  options: StripeConstructorOptions,
): Promise<Stripe> {
  bringing ??= bring(url).catch((cause) => {
    bringing = undefined
    throw cause
  })
  const create = await bringing
  try {
    return create(publishableKey, options)
  } catch (cause) {
    throw misuse('publishable_key_invalid', (cause as Error).message, 'publicKey')
  }
}

async function bring(url: string): Promise<StripeConstructor> {
  // The page may have a tag for Stripe.js, whose script may still be on its way.
  let script = document.querySelector<HTMLScriptElement>(TAG)
  if (script && !url.startsWith(STRIPES)) {
    throw misuse(
      'stripe_js_mismatch',
      `This page loads Stripe.js from ${STRIPES}, but its app is in the sandbox at ${url}. Remove the script tag.`,
    )
  }
  if (!window.Stripe) {
    script ??= document.head.appendChild(Object.assign(document.createElement('script'), { src: url }))
    await ended(script)
  }
  if (window.Stripe) return window.Stripe
  // A tag that failed stays silent for ever.
  script?.remove()
  throw new TollbridgeError({
    type: 'api_connection_error',
    code: 'stripe_js_unavailable',
    message: `Stripe.js could not be loaded from ${url}. Check the connection and the page's content security policy, and try again.`,
  })
}

/** Resolves when the script ran, when it failed, or after some patience. */
function ended(script: HTMLScriptElement): Promise<void> {
  return new Promise((resolve) => {
    script.addEventListener('load', () => resolve())
    script.addEventListener('error', () => resolve())
    setTimeout(resolve, PATIENCE_MS)
  })
}
