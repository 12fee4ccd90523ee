/** Brings Stripe.js into the page, once: Stripe's own, or the sandbox's from its own address. */

import type { loadStripe as LoadStripe, Stripe, StripeConstructorOptions } from '@stripe/stripe-js'
// @ts-expect-error: its types re-export a file without its ending, which Node's resolution does not find.
import { loadStripe as untypedLoadStripe } from '@stripe/stripe-js/pure/index.mjs'
import { TollbridgeError } from '../tollbridge-error.ts'

const loadStripe: typeof LoadStripe = untypedLoadStripe
const STRIPE = 'https://js.stripe.com/'
const PATIENCE_MS = 30_000

/** Address → the script that brings it; a failed one is forgotten, so that the next call tries again. */
const scripts = new Map<string, Promise<unknown>>()

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
  const isStripes = url.startsWith(STRIPE)
  let stripe: Stripe | null
  try {
    if (!isStripes) await bringScript(url)
    stripe = await inTime(loadStripe(publishableKey, options))
  } catch (error) {
    if (error instanceof TollbridgeError) throw error
    // What Stripe() itself refuses is no failure to load.
    if ('Stripe' in window) throw refusedKey(error)
    throw unavailable(url, error)
  }
  if (stripe === null) throw unavailable(url, new Error('There is no page here.'))
  return stripe
}

function bringScript(url: string): Promise<unknown> {
  const known = scripts.get(url)
  if (known) return known
  const bringing = inTime(bring(url))
  scripts.set(url, bringing)
  bringing.catch(() => scripts.delete(url))
  return bringing
}

function bring(url: string): Promise<unknown> {
  const present = [...document.scripts]
  if ('Stripe' in window) {
    if (!present.some(({ src }) => src.startsWith(STRIPE))) return Promise.resolve()
    throw new TollbridgeError({
      type: 'invalid_request_error',
      code: 'stripe_js_mismatch',
      message: `The page has loaded Stripe.js from ${STRIPE}, but this app's Stripe is the sandbox at ${new URL(url).origin}. Remove the script tag: Tollbridge loads the right one.`,
    })
  }
  const script = document.createElement('script')
  script.src = url
  return new Promise((resolve, reject) => {
    script.onload = resolve
    script.onerror = () => {
      script.remove()
      reject(new Error('The script did not load.'))
    }
    document.head.append(script)
  })
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('No answer in time.')), PATIENCE_MS)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function unavailable(url: string, cause: unknown): TollbridgeError {
  return new TollbridgeError({
    type: 'api_connection_error',
    code: 'stripe_js_unavailable',
    message: `Stripe.js could not be loaded from ${url}. Check the connection, and that the page's content security policy and its extensions allow it; then try again.`,
    cause,
  })
}

function refusedKey(cause: unknown): TollbridgeError {
  const { message } = cause as Error
  return new TollbridgeError({
    type: 'invalid_request_error',
    code: 'publishable_key_invalid',
    message,
    param: 'publicKey',
    cause,
  })
}
