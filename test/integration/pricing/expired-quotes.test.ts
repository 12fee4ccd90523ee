/** Quotes that have truly expired, with time in the test's hands: they repeat what they did, and change nothing any more. */
import { randomBytes, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BY_ITSELF } from '../../../packages/server/src/access/actor.ts'
import type { Payments } from '../../../packages/server/src/payments/create-payments.ts'
import { createDecidePrice } from '../../../packages/server/src/pricing/decide-price.ts'
import { createReadPricePolicy } from '../../../packages/server/src/pricing/price-policy.ts'
import { createQuoteKeys } from '../../../packages/server/src/pricing/quote-keys.ts'
import { createMemoryStore } from '../../../packages/server/src/store/memory/create-memory-store.ts'
import { APP, aCaller, aPayment, aServer, openTill, type Till } from '../payments/open-till.ts'

const MINUTE = 60_000
let till: Till
let payments: Payments
let secret: Uint8Array
let orders = 0
beforeAll(async () => {
  till = await openTill({ timeoutMs: 2_000 })
  const { prices } = createMemoryStore()
  const now = () => till.now()
  const sealedWith = randomBytes(32)
  const quoteKeys = createQuoteKeys({ prices, signingKey: () => sealedWith, random: randomBytes, now })
  secret = new TextEncoder().encode((await quoteKeys.rotate(APP, 0, BY_ITSELF)).secret)
  const settings = { policy: 'open', currencies: null, allowOpen: false, allowClientCapture: false } as const
  const decidePrice = createDecidePrice({
    prices,
    quoteKeys,
    readPolicy: createReadPricePolicy(prices, settings),
    modeOf: () => 'sandbox',
    currencyFor: () => 'usd',
    now,
  })
  payments = till.open({ decidePrice })
})
afterAll(() => till.close())

/** Good for ten minutes. @param claims such as `iat: undefined`, for a quote that says nothing of its issue */
function sign(order_id: string, amount: number, claims: object = {}): Promise<string> {
  const seconds = till.now() / 1000
  const said = { app: APP, amount, currency: 'usd', order_id, jti: randomUUID(), iat: seconds, ...claims }
  return new SignJWT({ exp: seconds + 600, ...said }).setProtectedHeader({ alg: 'HS256' }).sign(secret)
}

const asked = (quote: string | null, amount: number | null = null) => ({
  amount,
  currency: null,
  items: null,
  quote,
})
const present = (quote: string, card: string | null = null) =>
  payments.pay(aCaller(), aPayment({ orderId: null, card, asked: asked(quote) }))
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing was refused',
    (error: { code?: string }) => error.code,
  )
const atStripe = (id: string) => till.stripe.paymentIntents.retrieve(id)
const expire = () => till.advance(11 * MINUTE)

test.each<[string, object]>([
  ['its time of issue', {}],
  ['a number', { iat: undefined, seq: 7 }],
  ['nothing of its issue', { iat: undefined }],
])(
  'an old price does not come back, where the server changed it meanwhile and the quote says %s',
  async (_what, claims) => {
    const orderId = `expired-${orders++}`
    const quote = await sign(orderId, 1000, claims)
    const { id } = (await present(quote)).intent
    await payments.changePrice(aServer(), { paymentIntentId: id, asked: asked(null, 3000) })
    await expire()
    expect(await refusal(present(quote))).toBe('quote_expired')
    expect(await refusal(present(quote, 'tok_visa'))).toBe('quote_expired')
    const change = { paymentIntentId: id, asked: asked(quote) }
    expect(await refusal(payments.changePrice(aCaller(), change))).toBe('quote_expired')
    expect(await atStripe(id)).toMatchObject({ amount: 3000, status: 'requires_payment_method' })
    expect(await till.attempts.findOrder(APP, '', orderId)).toMatchObject({ paymentIntentId: id })
  },
)

test('nor where a newer quote has changed it, which has expired as well', async () => {
  const orderId = `expired-${orders++}`
  const older = await sign(orderId, 1000)
  const { id } = (await present(older)).intent
  await till.advance(MINUTE)
  const newer = await sign(orderId, 2000)
  expect((await present(newer)).intent).toMatchObject({ id, amount: 2000 })
  await expire()
  expect(await refusal(present(older, 'tok_visa'))).toBe('quote_expired')
  // What it did, the newer one repeats: its payer pays what he was shown in time.
  expect((await present(newer, 'tok_visa')).intent).toMatchObject({ id, amount: 2000, status: 'succeeded' })
})

test('one that was not used in time begins nothing, and prices nothing that was begun', async () => {
  const [unused, other] = [`expired-${orders++}`, `expired-${orders++}`]
  const quotes = [await sign(unused, 1000), await sign(other, 1000)] as const
  const { intent } = await payments.pay(
    aServer(),
    aPayment({ orderId: other, card: null, asked: asked(null, 3000) }),
  )
  await expire()
  for (const quote of quotes) {
    expect(await refusal(present(quote))).toBe('quote_expired')
    expect(await refusal(present(quote, 'tok_visa'))).toBe('quote_expired')
  }
  expect(await till.attempts.findOrder(APP, '', unused)).toBeNull()
  expect((await atStripe(intent.id)).amount).toBe(3000)
})

test('one that was used in time is still none for a price that it never set', async () => {
  const orderId = `expired-${orders++}`
  const quote = await sign(orderId, 1000)
  const { id } = (await present(quote)).intent
  await expire()
  expect((await present(quote)).intent).toMatchObject({ id, amount: 1000 })
  expect(
    await refusal(payments.pay(aCaller(), aPayment({ orderId: 'another', card: null, asked: asked(quote) }))),
  ).toMatch(/^(quote_used|quote_mismatch|price_mismatch|quote_expired|parameter_invalid)$/)
  await till.advance(25 * 60 * MINUTE)
  expect(await refusal(present(quote, 'tok_visa'))).toBe('quote_expired')
  expect((await atStripe(id)).status).toBe('requires_payment_method')
})
