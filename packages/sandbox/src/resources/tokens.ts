/** Tokens: a typed card for single use. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { hash, list, shapeOf, text, unavailable } from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { invalidRequest, missingParam, noSuch } from '../api/stripe-error.ts'
import { cardFields, cardFromInput, cardFromTestCard, type NewCard } from '../cards.ts'
import type { Stored } from '../store/stored-objects.ts'
import { testCardByToken } from '../test-cards.ts'

const createParams = shapeOf<Stripe.TokenCreateParams>()({
  account: unavailable(),
  bank_account: unavailable(),
  card: hash(cardFields),
  customer: unavailable(),
  cvc_update: unavailable(),
  expand: list(text()),
  person: unavailable(),
  pii: unavailable(),
})

export const tokenRoutes: Route[] = [
  route('POST /v1/tokens', {
    params: createParams,
    access: 'publishable',
    run(call, { params }) {
      if (!params.card) throw missingParam('card')
      const { card, hidden } = cardFromInput(call, params.card)
      const token: Stored<Stripe.Token> = {
        id: call.newId('tok_1'),
        object: 'token',
        card: card as Stripe.Card,
        client_ip: '127.0.0.1',
        created: call.now,
        livemode: false,
        type: 'card',
        used: false,
      }
      call.store.put(token, hidden)
      return ok(token)
    },
  }),
  route('GET /v1/tokens/:id', {
    params: shapeOf<Stripe.TokenRetrieveParams>()({ expand: list(text()) }),
    access: 'publishable',
    run(call, { id }) {
      const token = call.store.get('token', id)
      if (!token) throw noSuch('token', id, 'token')
      return ok(token)
    },
  }),
]

/**
 * Uses up a token, or takes a new card for an alias such as `tok_visa`.
 * @throws StripeError 404 for an unknown token, 400 `token_already_used`.
 */
export function redeemToken(call: Call, id: string, param: string): NewCard {
  const alias = testCardByToken(id)
  if (alias) return cardFromTestCard(call, alias)
  const token = call.store.get('token', id)
  if (!token?.card) throw noSuch('token', id, param)
  if (token.used) {
    throw invalidRequest(`You cannot use a Stripe token more than once: ${id}.`, {
      code: 'token_already_used',
      param,
    })
  }
  call.store.put({ ...token, used: true })
  return { card: token.card as NewCard['card'], hidden: call.store.hidden(id) }
}
