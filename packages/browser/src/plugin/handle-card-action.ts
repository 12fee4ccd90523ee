/** handleCardAction: has the shopper do what his bank asks for, so that the server can confirm the payment. */
import type { PluginFunction } from '../ui/browser-plugin.ts'
import { thrownError } from '../ui/run-message.ts'
import { readObject, readSecret, readStripe } from './read-data.ts'

/** After Stripe's own part nothing else is a good end. */
const GOOD = ['requires_confirmation', 'requires_capture', 'processing', 'succeeded']

const UNCLEAR = ['api_connection_error', 'api_error']

export const handleCardAction: PluginFunction = {
  callbacks: ['cardActionCallback', 'onSuccess', 'onFail'],
  onThrow: 'cardActionCallback',
  async run(message, { page, callback, declares }) {
    const result = await act().catch((error) => ({ error: thrownError(error) }))
    // Slingr's page names one callback in its sample and another in its list: whichever the sender knows.
    const onError = declares('onFail') ? 'onFail' : 'onSuccess'
    const fallback = 'error' in result ? onError : 'onSuccess'
    const name = declares('cardActionCallback') || !declares(fallback) ? 'cardActionCallback' : fallback
    await callback(message, name, { ...result, result })

    async function act() {
      const data = readObject(message.data)
      const secret = readSecret(data, 'clientSecret', 'pi')
      const stripe = await page.stripe(...readStripe(data))
      const acted = await stripe.handleCardAction(secret).catch((error) => ({ error: thrownError(error) }))
      const { error } = acted
      // What got no answer may have been done all the same.
      const known = error && UNCLEAR.includes(error.type) ? await stripe.retrievePaymentIntent(secret) : acted
      const { paymentIntent } = 'paymentIntent' in known ? known : {}
      if (paymentIntent && GOOD.includes(paymentIntent.status)) return { paymentIntent }
      if (error) return { error }
      return {
        error: {
          type: 'invalid_request_error',
          code: 'payment_intent_unexpected_state',
          message: `The PaymentIntent is ${paymentIntent?.status}, not requires_confirmation.`,
          payment_intent: paymentIntent,
        },
      }
    }
  },
}
