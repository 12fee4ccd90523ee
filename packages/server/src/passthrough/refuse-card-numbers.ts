/** Card numbers go from the page to Stripe and never through this server, not even from the app's own. */
import { ServiceError } from '../errors.ts'
import { type BodyHead, bodyFields, formFields, UnreadableBody } from './body-fields.ts'
import { type CardNumbers, findCardField } from './carries-card.ts'

/** Path and query. Throws `card_number_refused`, before anything of the call is written down. */
export function refuseCardInPath(
  { text, target }: { readonly text: string; readonly target: string },
  cards: CardNumbers,
): void {
  const query = target.indexOf('?')
  const fields = query === -1 ? [] : formFields(target.slice(query + 1))
  if (cards.isIn(text)) throw refusal('path')
  const found = findCardField(fields, cards)
  if (found !== null) throw refusal(found)
}

/**
 * Throws `card_number_refused`, and `body_invalid` or `body_too_large` for a body that cannot be looked into: it could
 * carry one.
 */
export async function refuseCardInBody(body: Uint8Array, head: BodyHead, cards: CardNumbers): Promise<void> {
  if (body.length === 0) return
  const found = findCardField(await fieldsOf(body, head), cards)
  if (found !== null) throw refusal(found)
}

async function fieldsOf(body: Uint8Array, head: BodyHead) {
  try {
    return await bodyFields(body, head)
  } catch (error) {
    if (!(error instanceof UnreadableBody)) throw error
    throw new ServiceError(error.isTooLarge ? 'body_too_large' : 'body_invalid', {
      message: `The body ${error.message}. What cannot be looked into could carry a card number, so it is not passed on: send a form or JSON.`,
    })
  }
}

function refusal(name: string): ServiceError {
  const param = name.slice(0, 100)
  return new ServiceError('card_number_refused', {
    message: `The field ${param} carries a card number. Collect the card with Stripe.js and send its token or payment method; this server takes no card numbers.`,
    param,
  })
}
