/** The stripe plugin: what `scope: 'plugin:stripe'` can do. */
import type { BrowserPlugin } from '../ui/browser-plugin.ts'
import { collectPaymentInformation } from './collect-payment-information.ts'
import { handleCardAction } from './handle-card-action.ts'

export const stripePlugin: BrowserPlugin = {
  name: 'stripe',
  functions: { collectPaymentInformation, handleCardAction },
}
