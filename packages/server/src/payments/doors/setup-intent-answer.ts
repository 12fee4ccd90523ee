/** A setup intent as `/v1/setup_intents` answers it. */
import type { Stripe } from 'stripe'
import { z } from 'zod'
import { nextAction, nextActionSchema } from './payment-answer.ts'

const nullableText = z.string().nullable()

export const setupIntentAnswerSchema = z.object({
  object: z.literal('setup_intent'),
  id: z.string(),
  account: nullableText.describe('The connected account.'),
  status: z.string(),
  usage: z.string(),
  customer: nullableText,
  payment_method: nullableText,
  next_action: nextActionSchema.nullable(),
  client_secret: nullableText.describe('For Stripe.js in the page of the card’s owner.'),
  last_setup_error: z
    .object({ code: nullableText, decline_code: nullableText, message: nullableText })
    .nullable(),
  metadata: z.record(z.string(), z.string()),
  livemode: z.boolean(),
  created: z.int(),
})

/** @param account the connected one, or an empty text */
export function setupAnswer(
  intent: Stripe.SetupIntent,
  account: string,
): z.output<typeof setupIntentAnswerSchema> {
  const error = intent.last_setup_error
  return {
    object: 'setup_intent',
    id: intent.id,
    account: account === '' ? null : account,
    status: intent.status,
    usage: intent.usage,
    customer: idOf(intent.customer),
    payment_method: idOf(intent.payment_method),
    next_action: nextAction(intent),
    client_secret: intent.client_secret,
    last_setup_error:
      error === null
        ? null
        : {
            code: error.code ?? null,
            decline_code: error.decline_code ?? null,
            message: error.message ?? null,
          },
    metadata: intent.metadata ?? {},
    livemode: intent.livemode,
    created: intent.created,
  }
}

function idOf(value: string | { readonly id: string } | null): string | null {
  return typeof value === 'string' ? value : (value?.id ?? null)
}
