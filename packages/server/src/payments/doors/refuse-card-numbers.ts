/** A body that carries a card number is refused, before anything keeps or logs it. */
import { ServiceError } from '../../errors.ts'
import { findCardNumber } from './card-number.ts'

/** Throws `card_number_refused` for a body that carries one anywhere. */
export function refuseCardNumbers(body: unknown): void {
  const cardPath = findCardNumber(body)
  if (cardPath === null) return
  throw new ServiceError('card_number_refused', {
    message: `The field ${cardPath} carries a card number. Turn the card into a token with Stripe.js in the page and send only the token; card numbers must never reach this server.`,
    param: cardPath,
  })
}
