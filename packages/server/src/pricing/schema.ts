/** The bodies and queries that the pricing routes take. */
import { z } from 'zod'
import { signedTermFields } from './quote-terms.ts'

const text = (longest: number) =>
  z
    .string({ error: `must be a text of 1 to ${longest} characters` })
    .min(1, { error: `must be a text of 1 to ${longest} characters` })
    .max(longest, { error: `must be a text of 1 to ${longest} characters` })

const wholeNumber = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

const minorUnits = wholeNumber(1, 999_999_999_999)

const currencyCode = z
  .string({ error: 'must be a three-letter ISO code such as "usd"' })
  .regex(/^[A-Za-z]{3}$/, { error: 'must be a three-letter ISO code such as "usd"' })
  .transform((code) => code.toLowerCase())

const yesOrNo = z.boolean({ error: 'must be true or false' })

const itemId = z
  .string({ error: 'must be a text of 1 to 64 letters, digits, - or _' })
  .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'must be a text of 1 to 64 letters, digits, - or _' })

const currencyLimit = z
  .strictObject(
    {
      currency: currencyCode,
      min_amount: minorUnits.nullish().transform((value) => value ?? null),
      max_amount: minorUnits.nullish().transform((value) => value ?? null),
    },
    { error: 'must be an object with currency, min_amount and max_amount' },
  )
  .refine(({ min_amount: least, max_amount: most }) => least === null || most === null || least <= most, {
    path: ['min_amount'],
    error: 'must not be above max_amount',
  })

export const policySchema = z.strictObject({
  policy: z.enum(['open', 'quote', 'catalog'], { error: 'must be open, quote or catalog' }).optional(),
  currencies: z
    .array(currencyLimit, { error: 'must be a list of currencies, or null for all' })
    .min(1, { error: 'must name at least one currency, or be null for all' })
    .max(200, { error: 'must name at most 200 currencies' })
    .refine((list) => new Set(list.map(({ currency }) => currency)).size === list.length, {
      error: 'must name each currency once',
    })
    .nullable()
    .optional(),
  allow_open: yesOrNo.optional(),
  allow_client_capture: yesOrNo.optional(),
})

export const quoteKeySchema = z.strictObject({
  overlap_seconds: wholeNumber(0, 2_592_000).default(86_400),
})

export const quoteSchema = z
  .strictObject({
    order_id: text(255),
    amount: minorUnits.optional(),
    currency: currencyCode.optional(),
    items: z
      .array(
        z.strictObject(
          {
            id: itemId,
            quantity: wholeNumber(1, 1_000_000),
            unit_amount: wholeNumber(0, 999_999_999_999)
              .optional()
              .describe('Beside an amount of your own: the price of one, as it is then listed.'),
          },
          { error: 'must be an object with id and quantity' },
        ),
        { error: 'must be a list of items with id and quantity' },
      )
      .min(1, { error: 'must hold at least one item' })
      .max(100, { error: 'must hold at most 100 items' })
      .optional(),
    expires_in: wholeNumber(10, 2_592_000).default(900),
    ...signedTermFields,
  })
  .refine(({ amount, items }) => amount !== undefined || items !== undefined, {
    path: ['amount'],
    error: 'must be given, in minor units, or else items of the catalog',
  })
  .refine(
    ({ amount, items = [] }) => amount !== undefined || items.every((it) => it.unit_amount === undefined),
    {
      path: ['items'],
      error: 'must not name a unit_amount without an amount: the catalog has the prices',
    },
  )
  .refine(({ save_card: saves, customer }) => saves === undefined || customer !== undefined, {
    path: ['customer'],
    error: 'must be sent with save_card: the card is kept with a customer',
  })

const prices = z
  .record(currencyCode, minorUnits, {
    error: 'must be an object of currencies and whole minor units, such as {"usd": 1999, "jpy": 300}',
  })
  .refine((record) => Object.keys(record).length > 0, { error: 'must name at least one currency' })

const itemFields = {
  name: text(250),
  prices,
  active: yesOrNo,
  max_quantity: wholeNumber(1, 1_000_000).nullable(),
}

export const createItemSchema = z.strictObject({
  id: itemId.optional(),
  ...itemFields,
  active: itemFields.active.default(true),
  max_quantity: itemFields.max_quantity.default(null),
})

export const updateItemSchema = z.strictObject({
  name: itemFields.name.optional(),
  prices: itemFields.prices.optional(),
  active: itemFields.active.optional(),
  max_quantity: itemFields.max_quantity.optional(),
})

export const listItemsSchema = z.strictObject({
  limit: z
    .string({ error: 'must be a whole number from 1 to 100' })
    .regex(/^([1-9]\d?|100)$/, { error: 'must be a whole number from 1 to 100' })
    .transform(Number)
    .default(10),
  starting_after: itemId.optional(),
  active: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((value) => value === 'true')
    .optional(),
})
