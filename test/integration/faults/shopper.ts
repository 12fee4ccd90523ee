/** A payer's page: tries its cards one after the other, and repeats what it got no answer to, until it knows. */
import type { FaultyShop } from './faulty-shop.ts'

/** How the page makes its requests repeatable. */
export type Style =
  /** An order id. */
  | 'order'
  /** An `Idempotency-Key` for each card, and no order id. */
  | 'key'
  /** Nothing but a single-use token of Stripe.js. */
  | 'token'

export interface Purchase {
  /** Stands in the metadata, so that its charges can be counted at Stripe. */
  readonly id: string
  readonly style: Style
  readonly amount: number
  /** Tried one after the other: aliases of test cards, or numbers of which a single-use token is made. */
  readonly cards: readonly string[]
  /** What the payer does when a card asks for 3-D Secure. */
  readonly authenticates: boolean
}

export type Outcome = 'paid' | 'failed'

type Said =
  | { readonly kind: 'charge'; readonly id: string }
  | { readonly kind: 'requires_action'; readonly intent: string }
  | { readonly kind: 'declined' }
  | { readonly kind: 'again' }

/** What a page may meet while the product or Stripe is in trouble; each says that repeating is safe. */
const AGAIN = new Set([409, 429, 500, 502, 503, 504])

export interface Shopper {
  /** Resolves when the page knows; rejects on an answer that no page could understand. */
  buy(purchase: Purchase): Promise<Outcome>
}

/** @param isGivenUp asked between two tries; a page that is given up rejects. */
export function createShopper(shop: FaultyShop, isGivenUp: () => boolean): Shopper {
  /** One challenge is met once, though several pages of a purchase may be shown it. */
  const challenges = new Map<string, Promise<void>>()

  async function ask(purchase: Purchase, token: string, key: string | null): Promise<Said> {
    const { id, style, amount } = purchase
    const path = `/${shop.appId}/${shop.clientKey}/services/Stripe/charge`
    const answer = await fetch(shop.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        // A page of ours keeps one for each order; others come again with the token, or with a key of theirs.
        ...(style === 'order' ? { 'tollbridge-payer-key': `payer-of-purchase-${id}` } : {}),
        ...(key === null ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify({
        token,
        amount,
        metadata: { purchase: id },
        ...(style === 'order' ? { order_id: id } : {}),
      }),
    }).then(
      async (response) => ({
        status: response.status,
        body: (await response.json()) as Record<string, unknown>,
      }),
      () => null,
    )
    if (answer === null || AGAIN.has(answer.status)) return { kind: 'again' }
    const { status, body } = answer
    const data = body['errorData'] as { type?: string } | undefined
    if (status === 402 && data?.type === 'card_error') return { kind: 'declined' }
    if (status === 200 && body['object'] === 'charge' && body['status'] === 'succeeded') {
      return { kind: 'charge', id: String(body['id']) }
    }
    if (status === 200 && body['status'] === 'requires_action') {
      return { kind: 'requires_action', intent: String(body['id']) }
    }
    // The challenge was failed, and a repeat shows where that left the payment.
    if (status === 200 && body['status'] === 'requires_payment_method') return { kind: 'declined' }
    throw new Error(`${id} (${style}) was answered ${status} ${JSON.stringify(body)}`)
  }

  function meetChallenge(intent: string, authenticates: boolean): Promise<void> {
    const met =
      challenges.get(intent) ??
      (async () => shop.sandbox.completeAuthentication(intent, authenticates ? 'succeed' : 'fail'))()
    challenges.set(intent, met)
    return met
  }

  async function tokenOf(card: string): Promise<string> {
    if (!/^\d+$/.test(card)) return card
    const token = await shop.stripe.tokens.create({
      card: { number: card, exp_month: '12', exp_year: '2034', cvc: '123' },
    })
    return token.id
  }

  /** One card, repeated until its outcome is known. */
  async function tryCard(purchase: Purchase, card: string): Promise<Outcome> {
    const token = await tokenOf(card)
    const key = purchase.style === 'key' ? `key-of-the-page-${purchase.id}/${card}` : null
    for (;;) {
      if (isGivenUp()) throw new Error(`${purchase.id} (${purchase.style}, ${card}) was never known`)
      const said = await ask(purchase, token, key)
      switch (said.kind) {
        case 'charge':
          return 'paid'
        case 'declined':
          return 'failed'
        case 'requires_action':
          await meetChallenge(said.intent, purchase.authenticates)
          // Who fails the challenge is told so by Stripe.js, in the page.
          if (!purchase.authenticates) return 'failed'
          break
        case 'again':
          await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  return {
    async buy(purchase) {
      for (const card of purchase.cards) {
        if ((await tryCard(purchase, card)) === 'paid') return 'paid'
      }
      return 'failed'
    },
  }
}
