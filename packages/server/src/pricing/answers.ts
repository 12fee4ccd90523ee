/** What the pricing routes answer, for the OpenAPI document. Times in seconds since the epoch. */
import { z } from 'zod'

const minorUnits = z.int().describe('Minor units.')
const seconds = z.int()
const sold = z.array(z.object({ id: z.string(), quantity: z.int(), unit_amount: minorUnits.nullable() }))

export const policyAnswer = z.object({
  object: z.literal('price_policy'),
  policy: z.enum(['open', 'quote', 'catalog']),
  currencies: z
    .array(
      z.object({
        currency: z.string(),
        min_amount: minorUnits.nullable(),
        max_amount: minorUnits.nullable(),
      }),
    )
    .nullable()
    .describe('null: every currency, from the smallest charge that Stripe publishes on.'),
  allow_open: z.boolean().describe('Whether a live app may be open.'),
  allow_client_capture: z
    .boolean()
    .describe('Whether a client may ask for a hold (capture_method manual) where no quote says so.'),
  mode: z.enum(['sandbox', 'test', 'live']),
  updated: seconds.nullable().describe('null: the settings decide.'),
})

export const quoteAnswer = z.object({
  id: z.string(),
  object: z.literal('quote'),
  amount: minorUnits,
  currency: z.string(),
  order_id: z.string(),
  items: sold.nullable(),
  capture_method: z.enum(['automatic', 'manual']).nullable(),
  customer: z.string().nullable(),
  save_card: z.enum(['on_session', 'off_session']).nullable(),
  description: z.string().nullable(),
  receipt_email: z.string().nullable(),
  metadata: z.record(z.string(), z.string()).nullable(),
  seq: z.int().describe('Its place in the order of issue: a greater one is newer.'),
  expires_at: seconds,
  quote: z.string().describe('What the page sends as quote: a compact JWS.'),
})

const quoteKeyAnswer = z.object({
  id: z.string(),
  object: z.literal('quote_key'),
  created: seconds,
  retires_at: seconds.nullable().describe('null: this one signs.'),
})

export const newQuoteKeyAnswer = quoteKeyAnswer.extend({
  secret: z.string().describe('Shown this once.'),
})

export const itemAnswer = z.object({
  id: z.string(),
  object: z.literal('catalog_item'),
  name: z.string(),
  prices: z.record(z.string(), minorUnits),
  active: z.boolean(),
  max_quantity: z.int().nullable(),
  created: seconds,
  updated: seconds,
})

export const deletedItemAnswer = z.object({
  id: z.string(),
  object: z.literal('catalog_item'),
  deleted: z.literal(true),
})

const listOf = <T extends z.ZodType>(entry: T) =>
  z.object({ object: z.literal('list'), url: z.string(), has_more: z.boolean(), data: z.array(entry) })

export const itemsAnswer = listOf(itemAnswer)
export const quoteKeysAnswer = listOf(quoteKeyAnswer)
