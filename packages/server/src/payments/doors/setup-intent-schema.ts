/** The bodies of `/v1/setup_intents`. */
import { z } from 'zod'
import { confirmationFields, metadata, ONE_CARD, oneCard, stripeId, text } from './payment-schema.ts'

const { token, payment_method, return_url, captcha } = confirmationFields
const card = { token, payment_method, return_url, captcha }

export const createSetupSchema = z
  .strictObject({
    customer: stripeId('cus_')
      .optional()
      .describe('Who keeps the card; the customer of the token unless named.'),
    usage: z
      .enum(['on_session', 'off_session'], { error: 'must be on_session or off_session' })
      .default('off_session')
      .describe('Whether the payer will be there when the card is charged.'),
    ...card,
    description: text(1_000).optional(),
    metadata: metadata.optional(),
  })
  .refine(oneCard, ONE_CARD)

export const confirmSetupSchema = z.strictObject(card).refine(oneCard, ONE_CARD)

export const cancelSetupSchema = z.strictObject({
  reason: z
    .enum(['abandoned', 'duplicate', 'requested_by_customer'], {
      error: 'must be abandoned, duplicate or requested_by_customer',
    })
    .optional(),
})
