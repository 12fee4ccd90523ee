/** tollbridge.charge: a token and an amount in, Stripe's charge out, as the server saw it. */

import type { Page } from '../page.ts'
import type { PageWorld } from '../sse/page-world.ts'
import { misuse } from '../tollbridge-error.ts'
import { type CaptchaOptions, createCaptchaGate } from './captcha.ts'
import type { Memory, PayerKey } from './memory.ts'
import { type PaymentWords, paymentBody } from './price-words.ts'
import { newKey, repeat } from './repeat.ts'
import { type StripeJsError, stripeFailure } from './stripe-failure.ts'

export interface ChargeRequest extends PaymentWords, CaptchaOptions {
  /** `tok_…` or `pm_…`, as Stripe.js made it. */
  readonly token: string
}

/** Stripe's charge, in its own words; the PaymentIntent where there is no charge yet (`processing`). */
export type ChargeResult = Readonly<Record<string, unknown>> & {
  /** `ch_…` */
  readonly id: string
  /** `succeeded`; `pending` or `processing` where the bank takes its time. */
  readonly status: string
  readonly amount: number
  readonly currency: string
  /** Absent in a PaymentIntent, whose `id` it is. */
  readonly payment_intent?: string | null
}

/**
 * Charges once, however often the answer is lost on the way, and leads the shopper through 3-D Secure.
 * @throws TollbridgeError `card_error` for a decline, in Stripe's words
 */
export type Charge = (request: ChargeRequest) => Promise<ChargeResult>

interface Answer {
  readonly id: string
  readonly object: string
  readonly payment_intent?: string
  readonly requires_action?: boolean
  readonly client_secret?: string
}

export interface ChargeDeps {
  readonly page: Pick<Page, 'api' | 'ready' | 'stripe'>
  readonly memory: Memory
  readonly payerKey: PayerKey
  readonly world?: PageWorld
}

export function createCharge({ page, memory, payerKey, world }: ChargeDeps): Charge {
  const { api, ready, stripe } = page
  return async (request) => {
    const { token } = request
    if (typeof token !== 'string') {
      throw misuse(
        'parameter_missing',
        'charge needs `token`, what Stripe.js made from the card (tok_…).',
        'token',
      )
    }
    const { app_id } = await repeat(ready, { world })
    const path = `/${app_id}/${api.clientKey}/services/Stripe/charge`
    // A single-use token says by itself that a second call is the same charge; other cards need a key for that.
    const key = /^tok_\d/.test(token) ? {} : { idempotencyKey: newKey() }
    const headers = { 'Tollbridge-Payer-Key': payerKey(request.orderId) }
    const withCaptcha = createCaptchaGate(request, ready)
    const send = () =>
      withCaptcha((captcha) => {
        const body = { token, ...paymentBody(request), ...captcha }
        return repeat(
          async (signal) => {
            const response = await api.open('POST', path, { body, signal, headers, ...key })
            const answer = (await response.json()) as Answer
            const watchToken = response.headers.get('Tollbridge-Watch-Token')
            if (watchToken) memory.set(answer.payment_intent ?? answer.id, watchToken)
            return answer
          },
          { world },
        )
      })

    const first = await send()
    if (!first.requires_action) return first as unknown as ChargeResult
    const { error } = await (await stripe())
      .handleNextAction({ clientSecret: first.client_secret ?? '' })
      .catch((thrown: StripeJsError) => ({ error: thrown }))
    // The server tells what came of it, and refuses what was declined.
    const second = await send()
    if (!second.requires_action) return second as unknown as ChargeResult
    throw stripeFailure(error)
  }
}
