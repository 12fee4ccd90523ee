/** The rule that an intent open to redirecting payment methods needs an address to come back to. */
import { invalidRequest } from '../api/stripe-error.ts'

/** @throws StripeError 400 in the words that everybody who confirms on a server meets once. */
export function requireReturnUrl(
  noun: 'PaymentIntent' | 'SetupIntent',
  automatic: { allow_redirects?: string } | null,
  options: {
    returnUrl?: string | undefined
    useStripeSdk?: boolean | undefined
    offSession?: boolean | undefined
  },
): void {
  if (automatic?.allow_redirects !== 'always') return
  if (options.returnUrl || options.useStripeSdk || options.offSession) return
  throw invalidRequest(
    `This ${noun} is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a \`return_url\`. If you don't want to accept redirect-based payment methods, set \`automatic_payment_methods[enabled]\` to \`true\` and \`automatic_payment_methods[allow_redirects]\` to \`never\` when creating Setup Intents and Payment Intents.`,
    { param: 'return_url' },
  )
}
