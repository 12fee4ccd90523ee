/** The bodies and queries of `/v1/payments`. */
import { LARGEST_AMOUNT, LONGEST_QUOTE } from '@tollbridge/protocol'
import { z } from 'zod'
import { ServiceError } from '../../errors.ts'
import { metadataSchema } from '../../http/metadata-schema.ts'
import { parseBody } from '../../http/parse-body.ts'
import { SHORTEST_PAYER_KEY } from '../payer-keys.ts'
import { refuseCardNumbers } from './refuse-card-numbers.ts'

export const text = (longest: number) =>
  z
    .string({ error: 'must be a text' })
    .min(1, { error: 'must not be empty' })
    .max(longest, { error: `must have at most ${longest} characters` })

const AMOUNT = 'must be a whole number of minor units: send 1999 for 19.99'
const amount = z
  .int({ error: AMOUNT })
  .min(1, { error: 'must be greater than 0, in minor units' })
  .max(LARGEST_AMOUNT, { error: `must be at most ${LARGEST_AMOUNT} minor units` })

const currency = z
  .string({ error: 'must be a three-letter ISO code such as "usd"' })
  .regex(/^[A-Za-z]{3}$/, { error: 'must be a three-letter ISO code such as "usd"' })
  .transform((code) => code.toLowerCase())

/** Ids of `card_…` and `src_…` are saved cards of before payment methods. */
const savedCard = z
  .string({ error: 'must be an id pm_…' })
  .regex(/^(pm|card|src)_\w{1,251}$/, { error: 'must be an id pm_…' })

const card = z
  .string({ error: 'must be a text that starts with tok_ or pm_' })
  .regex(/^(tok|pm)_\w{1,251}$/, { error: 'must be an id that Stripe.js answered, tok_… or pm_…' })

export const stripeId = (prefix: string) =>
  z
    .string({ error: `must be an id ${prefix}…` })
    .regex(new RegExp(`^${prefix}\\w{1,251}$`), { error: `must be an id ${prefix}…` })

export const metadata = metadataSchema

const returnUrl = text(2_048).refine(
  (url) => URL.canParse(url) && /^[a-z][a-z0-9+.-]*:$/.test(new URL(url).protocol),
  { error: 'must be a whole address such as https://shop.example.com/done' },
)

export const confirmationFields = {
  token: card.optional().describe('The token or payment method that Stripe.js made from the card.'),
  payment_method: savedCard
    .optional()
    .describe(
      'A payment method, as a `pm_…` in `token`; a saved card of the customer whose token the page shows, or of any with a server key.',
    ),
  return_url: returnUrl
    .optional()
    .describe('Where a bank redirects to; without it the page finishes 3-D Secure.'),
  off_session: z
    .boolean({ error: 'must be true or false' })
    .optional()
    .describe('The payer is not there to authenticate. Server key only.'),
  captcha: text(8_192)
    .optional()
    .describe('What the captcha widget gave the page, where the app asks for one.'),
}

/** A client shows with it that it is the payer of what has begun before. */
const proofFields = {
  payer_key: text(255)
    .min(SHORTEST_PAYER_KEY, { error: `must have at least ${SHORTEST_PAYER_KEY} characters, made at random` })
    .optional()
    .describe('A random key of the page, as a proof; the same as Tollbridge-Payer-Key.'),
  client_secret: text(512)
    .optional()
    .describe('The client secret of the payment, as a proof; the same as Tollbridge-Client-Secret.'),
}

export const ONE_CARD = { path: ['payment_method'], error: 'cannot be combined with token: send one of them' }
export const oneCard = (it: { token?: string | undefined; payment_method?: string | undefined }) =>
  it.token === undefined || it.payment_method === undefined

const priceFields = {
  amount: amount.optional().describe('Minor units, such as 1999 for 19.99.'),
  currency: currency.optional().describe('ISO code; the app’s own unless named.'),
  items: z
    .array(
      z.strictObject({
        id: text(255),
        quantity: z
          .int({ error: 'must be a whole number' })
          .min(1, { error: 'must be at least 1' })
          .default(1),
      }),
      { error: 'must be a list of items such as {"id": "tea", "quantity": 2}' },
    )
    .min(1, { error: 'must have at least one item' })
    .max(100, { error: 'must have at most 100 items' })
    .optional()
    .describe('Items of the app’s catalog, in place of the amount.'),
  quote: text(LONGEST_QUOTE)
    .optional()
    .describe('A price that the app’s own server signed, in place of the amount.'),
}

export const createPaymentSchema = z
  .strictObject({
    order_id: text(255).optional().describe('What is paid; an order is charged once, whatever happens.'),
    ...priceFields,
    ...confirmationFields,
    ...proofFields,
    capture_method: z
      .enum(['automatic', 'manual'], { error: 'must be automatic or manual' })
      .optional()
      .describe(
        'manual holds the money until it is captured. A client may ask for it only where the price policy or a quote says so.',
      ),
    save_card: z
      .enum(['on_session', 'off_session'], { error: 'must be on_session or off_session' })
      .optional()
      .describe('Keeps the card with `customer` for later payments.'),
    customer: stripeId('cus_')
      .optional()
      .describe('Stripe’s id of the customer; that of the customer token unless named.'),
    description: text(1_000).optional(),
    receipt_email: text(512).optional(),
    metadata: metadata.optional(),
  })
  .refine(oneCard, ONE_CARD)

export const confirmPaymentSchema = z
  .strictObject({
    ...confirmationFields,
    ...proofFields,
    quote: priceFields.quote.describe('A quote for the order of the payment, as a proof.'),
    amount: amount
      .optional()
      .describe(
        'As shown to the payer: if the payment is of another amount by now, nothing is charged. Required of a client.',
      ),
    currency: currency.optional().describe('As shown to the payer, with `amount`. Required of a client.'),
  })
  .refine(oneCard, ONE_CARD)
  .refine((body) => body.currency === undefined || body.amount !== undefined, {
    path: ['amount'],
    error: 'must be sent with currency',
  })

export const changePriceSchema = z.strictObject({
  ...priceFields,
  ...proofFields,
  currency: currency.optional().describe('ISO code; that of the payment unless named.'),
})

export const capturePaymentSchema = z.strictObject({
  amount: amount.optional().describe('Minor units; all that is held unless named. The rest is let go.'),
})

export const cancelPaymentSchema = z.strictObject({
  reason: z
    .enum(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'], {
      error: 'must be abandoned, duplicate, fraudulent or requested_by_customer',
    })
    .optional(),
})

export const refundPaymentSchema = z.strictObject({
  amount: amount.optional().describe('Minor units; all that is left unless named.'),
  reason: z
    .enum(['duplicate', 'fraudulent', 'requested_by_customer'], {
      error: 'must be duplicate, fraudulent or requested_by_customer',
    })
    .optional(),
  metadata: metadata.optional(),
})

const STATUSES = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'succeeded',
  'canceled',
  'failed',
] as const

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: `must be a whole number from ${least} to ${most}` })
    .transform(Number)
    .refine((value) => value >= least && value <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    })

const seconds = wholeNumber(0, 99_999_999_999).describe('Seconds since the epoch, included.')

export const listPaymentsSchema = z.strictObject({
  order_id: text(255).optional(),
  status: z.enum(STATUSES, { error: `must be one of ${STATUSES.join(', ')}` }).optional(),
  customer: stripeId('cus_').optional(),
  'created[gte]': seconds.optional(),
  'created[lte]': seconds.optional(),
  limit: wholeNumber(1, 100).default(10),
  starting_after: text(255).optional().describe('The id of the last payment of the page before.'),
})

export const listCardsSchema = z.strictObject({
  limit: wholeNumber(1, 100).default(10),
  starting_after: savedCard.optional().describe('The id of the last card of the page before.'),
})

/** Fields whose faults have a code of their own. */
const OWN_CODES = {
  amount: 'amount_invalid',
  currency: 'currency_invalid',
  token: 'token_invalid',
  payment_method: 'token_invalid',
} as const

/** Throws `card_number_refused`, or what names the first field that is wrong. */
export function parsePaymentBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  refuseCardNumbers(body)
  try {
    return parseBody(schema, body)
  } catch (error) {
    const param =
      error instanceof ServiceError && error.code === 'parameter_invalid' ? error.param : undefined
    if (!(error instanceof ServiceError) || !isOwn(param) || /combined/.test(error.message)) throw error
    const isTooLarge = param === 'amount' && /at most/.test(error.message)
    throw new ServiceError(isTooLarge ? 'amount_too_large' : OWN_CODES[param], {
      message: error.message,
      param,
    })
  }
}

function isOwn(param: string | undefined): param is keyof typeof OWN_CODES {
  return param !== undefined && Object.hasOwn(OWN_CODES, param)
}
