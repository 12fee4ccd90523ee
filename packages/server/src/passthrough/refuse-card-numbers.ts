/** Card numbers go from the page to Stripe and never through this server, not even from the app's own. */
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { ServiceError } from '../errors.ts'

/** Where Stripe's API takes one: `card[number]`, `payment_method_data[card][number]`. */
const NUMBER_FIELD = /(?:^|\[)number\]?$/

/**
 * Throws `card_number_refused`. Looks into forms that were taken in whole, which all calls but uploads are; a number
 * elsewhere, such as an order's of sixteen digits among the metadata, is none of a card.
 */
export function refuseCardNumbers(
  { headers }: IncomingMessage,
  body: Uint8Array | Readable | null,
  holdsCardNumber: (text: string) => boolean,
): void {
  if (!(body instanceof Uint8Array) || /json|multipart/i.test(headers['content-type'] ?? '')) return
  const text = Buffer.from(body).toString('latin1')
  if (!/number/i.test(text)) return
  for (const [name, value] of new URLSearchParams(text)) {
    if (!NUMBER_FIELD.test(name) || !holdsCardNumber(value)) continue
    throw new ServiceError('card_number_refused', {
      message: `The field ${name.slice(0, 100)} carries a card number. Collect the card with Stripe.js and send its token or payment method; this server takes no card numbers.`,
      param: name.slice(0, 100),
    })
  }
}
