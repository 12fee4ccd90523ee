/** Entry of the script that stands in for Stripe.js: sets window.Stripe. */
import { createStripe, type StripeOptions } from './create-stripe.ts'
import { IntegrationError } from './integration-error.ts'

/** The release train that `@stripe/stripe-js` 10 expects. */
const VERSION = 'endive'

const script = document.currentScript
const origin =
  script instanceof HTMLScriptElement && script.src !== '' ? new URL(script.src).origin : undefined
let announced = false

function Stripe(key: unknown, options?: StripeOptions): ReturnType<typeof createStripe> {
  if (origin === undefined) {
    throw new IntegrationError(
      "The sandbox's Stripe.js must be loaded by a script tag with its address, and not be bundled.",
    )
  }
  const stripe = createStripe(origin, key, options)
  if (!announced) {
    announced = true
    console.info(
      `This page uses the local sandbox at ${origin} in place of Stripe: no card is charged. Test card: 4242 4242 4242 4242.`,
    )
  }
  return stripe
}

if ('Stripe' in window) {
  console.warn('Stripe.js was loaded more than one time. Please only load it once per page.')
} else {
  Object.assign(window, { Stripe: Object.assign(Stripe, { version: VERSION }) })
}
