/** The decision itself, on a store, with a clock that tests move. */

import { randomBytes, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { BY_ITSELF } from '../access/actor.ts'
import { ServiceError } from '../errors.ts'
import type { AppMode } from '../store/app-store.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import type { PricePolicyRecord, PriceStore } from '../store/price-store.ts'
import { createDecidePrice, type PriceRequest } from './decide-price.ts'
import { createReadPricePolicy } from './price-policy.ts'
import { createQuoteKeys, type QuoteKey } from './quote-keys.ts'

const APP = 'app_1'
const HOUR = 3_600_000
let now: number
let prices: PriceStore
let mode: AppMode
let quoteKeys: ReturnType<typeof createQuoteKeys>
const signingKeys: Record<string, Uint8Array> = { app_1: randomBytes(32), app_2: randomBytes(32) }

beforeEach(() => {
  now = Date.UTC(2026, 10, 21, 12)
  prices = createMemoryStore().prices
  mode = 'sandbox'
  quoteKeys = createQuoteKeys({
    prices,
    signingKey: (appId) => signingKeys[appId] ?? new Uint8Array(32),
    random: randomBytes,
    now: () => now,
  })
})

function decide(request: Partial<PriceRequest>, allowOpen = false) {
  const decidePrice = createDecidePrice({
    prices,
    quoteKeys,
    readPolicy: createReadPricePolicy(prices, {
      policy: 'open',
      currencies: null,
      allowOpen,
      allowClientCapture: false,
    }),
    modeOf: () => mode,
    currencyFor: () => 'usd',
    now: () => now,
  })
  return decidePrice({
    appId: APP,
    role: 'client',
    orderId: null,
    amount: null,
    currency: null,
    items: null,
    quote: null,
    ...request,
  })
}

async function refusal(request: Partial<PriceRequest>, allowOpen = false) {
  try {
    await decide(request, allowOpen)
  } catch (error) {
    if (error instanceof ServiceError) return { code: error.code, param: error.param, message: error.message }
    throw error
  }
  throw new Error('It was decided')
}

const put = (policy: Partial<PricePolicyRecord>) =>
  prices.putPolicy({
    appId: APP,
    policy: 'open',
    currencies: null,
    allowOpen: false,
    allowClientCapture: false,
    updatedAt: 0,
    ...policy,
  })

/** Signs as an app's own server would, with a library of its own. */
function sign(claims: Record<string, unknown>, key: Pick<QuoteKey, 'secret'> & { keyId?: string }) {
  const header = { alg: 'HS256', ...(key.keyId === undefined ? {} : { kid: key.keyId }) }
  return new SignJWT(claims).setProtectedHeader(header).sign(new TextEncoder().encode(key.secret))
}

const claims = (overrides: Record<string, unknown> = {}) => ({
  app: APP,
  amount: 4200,
  currency: 'eur',
  order_id: 'order-1',
  jti: randomUUID(),
  exp: Math.floor(now / 1000) + 900,
  ...overrides,
})

describe('an open price', () => {
  test('is the amount that the client names, in its currency or the app’s', async () => {
    expect(await decide({ amount: 1999, orderId: 'o' })).toEqual({
      amount: 1999,
      currency: 'usd',
      source: 'open',
      orderId: 'o',
      issued: null,
      items: null,
      mayHold: false,
      quote: null,
    })
    expect(await decide({ amount: 500, currency: 'jpy' })).toMatchObject({ amount: 500, currency: 'jpy' })
  })

  test('is refused by a live app until its operator allows it, and server keys are not', async () => {
    mode = 'live'
    expect(await refusal({ amount: 1999 })).toMatchObject({
      code: 'open_prices_refused',
      message: expect.stringMatching(/ALLOW_OPEN_PRICES=true/),
    })
    expect(await decide({ amount: 1999, role: 'server' })).toMatchObject({ amount: 1999 })
    expect(await decide({ amount: 1999 }, true)).toMatchObject({ amount: 1999 })
    await put({ allowOpen: true })
    expect(await decide({ amount: 1999 })).toMatchObject({ amount: 1999 })
  })

  test.each([
    ['kwd', 5124, 'amount_invalid', /multiple of 10 in KWD.*5120 or 5130/],
    ['isk', 550, 'amount_invalid', /multiple of 100 in ISK.*500 or 600/],
    ['ugx', 50, 'amount_invalid', /send 100 instead of 50/],
    ['usd', 49, 'amount_too_small', /at least 50 minor units of usd \(\$0\.50\)/],
    ['usd', 100_000_000, 'amount_too_large', /at most 99999999/],
    ['xyz', 500, 'currency_invalid', /xyz, which Stripe does not charge in/],
  ])('%s %d is refused', async (currency, amount, code, message) => {
    expect(await refusal({ currency, amount })).toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  test('keeps to the currencies and limits of the app, which may be below Stripe’s published minimum', async () => {
    await put({ currencies: [{ currency: 'usd', minAmount: 40, maxAmount: 5_000 }] })
    expect(await decide({ amount: 40 })).toMatchObject({ amount: 40 })
    expect(await refusal({ amount: 39 })).toMatchObject({ code: 'amount_out_of_limits', param: 'amount' })
    expect(await refusal({ amount: 5_001 })).toMatchObject({
      code: 'amount_out_of_limits',
      message: expect.stringMatching(/at most 5000 minor units of usd/),
    })
    expect(await refusal({ amount: 500, currency: 'eur' })).toMatchObject({
      code: 'currency_not_accepted',
      message: expect.stringMatching(/does not take eur; it takes usd/),
    })
  })
})

describe('a policy of quotes or a catalog', () => {
  test('refuses an amount of a client with a sentence that says what to send', async () => {
    await put({ policy: 'quote' })
    expect(await refusal({ amount: 1999 })).toMatchObject({
      code: 'price_source_refused',
      message: expect.stringMatching(/send the field quote, .*POST \/v1\/quotes/),
    })
    expect(await refusal({ items: [{ id: 'tea', quantity: 1 }] })).toMatchObject({
      code: 'price_source_refused',
      param: 'items',
    })
    await put({ policy: 'catalog' })
    expect(await refusal({ amount: 1999 })).toMatchObject({
      code: 'price_source_refused',
      message: expect.stringMatching(/send the field items/),
    })
    expect(await refusal({})).toMatchObject({ message: expect.stringMatching(/send the field items/) })
  })

  test('lets the app’s own server name an amount', async () => {
    await put({ policy: 'quote' })
    expect(await decide({ amount: 1999, role: 'server' })).toMatchObject({ amount: 1999, source: 'open' })
  })
})

describe('a quote', () => {
  test('decides amount, currency and order, with or without the name of its key', async () => {
    await put({ policy: 'quote' })
    const key = await quoteKeys.rotate(APP, 0, BY_ITSELF)
    for (const with_ of [key, { secret: key.secret }]) {
      expect(await decide({ quote: await sign(claims(), with_) })).toMatchObject({
        amount: 4200,
        currency: 'eur',
        source: 'quote',
        orderId: 'order-1',
      })
    }
  })

  test('is good for its order again and again, and for no other one', async () => {
    const key = await quoteKeys.rotate(APP, 0, BY_ITSELF)
    const jti = 'quote-1'
    const quote = await sign(claims({ jti }), key)
    const first = await decide({ quote })
    expect(await decide({ quote, orderId: 'order-1' })).toEqual(first)
    expect(await refusal({ quote, orderId: 'order-2' })).toMatchObject({
      code: 'price_mismatch',
      param: 'order_id',
    })
    const copied = await sign(claims({ jti, order_id: 'order-2' }), key)
    expect(await refusal({ quote: copied })).toMatchObject({ code: 'quote_used' })
  })

  test('expires, but stays good for a day for an order that has used it in time', async () => {
    const key = await quoteKeys.rotate(APP, 0, BY_ITSELF)
    const used = await sign(claims({ jti: 'used' }), key)
    const unused = await sign(claims({ jti: 'unused', order_id: 'order-2' }), key)
    await decide({ quote: used })
    now += 900_000
    expect(await refusal({ quote: unused })).toMatchObject({ code: 'quote_expired' })
    expect(await refusal({ quote: unused })).toMatchObject({ code: 'quote_expired' })
    expect(await decide({ quote: used })).toMatchObject({ amount: 4200 })
    now += 24 * HOUR - 1
    expect(await decide({ quote: used })).toMatchObject({ amount: 4200 })
    now += 1
    expect(await refusal({ quote: used })).toMatchObject({ code: 'quote_expired' })
  })

  test('that is used again after its end says so, since it may change nothing any more', async () => {
    const key = await quoteKeys.rotate(APP, 0, BY_ITSELF)
    const quote = await sign(claims({ jti: 'used' }), key)
    expect(await decide({ quote })).toMatchObject({ quote: { id: 'used', isExpired: false } })
    now += 900_000
    expect(await decide({ quote })).toMatchObject({ quote: { id: 'used', isExpired: true } })
  })

  test.each<[string, Record<string, unknown>, number | null]>([
    ['a sequence', { seq: 17, iat: 5 }, 17],
    ['a time of issue, to the millisecond', { iat: 1_700_000_000.25 }, 1_700_000_000_250],
    ['neither', {}, null],
  ])('has its place in the order of issue from %s', async (_name, overrides, issued) => {
    const key = await quoteKeys.rotate(APP, 0, BY_ITSELF)
    expect(await decide({ quote: await sign(claims(overrides), key) })).toMatchObject({ issued })
  })

  test('says beside the price what else the page may not decide, and what was sold', async () => {
    const key = await quoteKeys.rotate(APP, 0, BY_ITSELF)
    const terms = {
      capture_method: 'manual',
      customer: 'cus_1',
      save_card: 'off_session',
      description: 'Tea',
      receipt_email: 'ada@example.org',
      metadata: { cart: '7' },
    }
    const items = [
      { id: 'tea', quantity: 2, unit_amount: 450 },
      { id: 'any thing', quantity: 1 },
    ]
    expect(await decide({ quote: await sign(claims({ ...terms, items, iss: 'shop' }), key) })).toMatchObject({
      items: [items[0], { ...items[1], unit_amount: null }],
      quote: { terms },
    })
    expect((await decide({ quote: await sign(claims(), key) })).quote?.terms).toEqual({})
  })

  test('of a rolled key verifies as long as the keys overlap', async () => {
    const old = await quoteKeys.rotate(APP, 0, BY_ITSELF)
    const fresh = await quoteKeys.rotate(APP, HOUR, BY_ITSELF)
    expect(await decide({ quote: await sign(claims(), old) })).toMatchObject({ amount: 4200 })
    now += HOUR
    expect(await refusal({ quote: await sign(claims(), old) })).toMatchObject({ code: 'quote_invalid' })
    expect(await refusal({ quote: await sign(claims(), { secret: old.secret }) })).toMatchObject({
      code: 'quote_invalid',
    })
    expect(await decide({ quote: await sign(claims(), fresh) })).toMatchObject({ amount: 4200 })
  })

  test('that was forged, or signed for another app, is refused', async () => {
    const key = await quoteKeys.rotate(APP, 0, BY_ITSELF)
    const foreign = await quoteKeys.rotate('app_2', 0, BY_ITSELF)
    const good = await sign(claims(), key)
    const [header = '', payload = '', signature = ''] = good.split('.')
    const cheaper = Buffer.from(JSON.stringify(claims({ amount: 1 }))).toString('base64url')
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    const forgeries = [
      `${header}.${cheaper}.${signature}`,
      `${unsigned}.${payload}.`,
      `${header}.${payload}.`,
      await sign(claims(), { secret: 'tbq_guessed', keyId: key.keyId }),
      await sign(claims(), { secret: foreign.secret, keyId: key.keyId }),
      await sign(claims({ app: 'app_2' }), foreign),
      await sign(claims({ app: 'app_2' }), key),
      'not a token',
      '..',
      'x'.repeat(9000),
    ]
    for (const quote of forgeries) expect(await refusal({ quote })).toMatchObject({ code: 'quote_invalid' })
  })

  test.each([
    ['no order', { order_id: undefined }, /order_id/],
    ['an empty order', { order_id: '' }, /order_id/],
    ['no jti', { jti: undefined }, /jti/],
    ['no end', { exp: undefined }, /exp/],
    ['an amount as text', { amount: '4200' }, /amount/],
    ['a fraction', { amount: 42.5 }, /amount/],
    ['a negative amount', { amount: -1 }, /amount/],
    ['a currency in capitals', { currency: 'EUR' }, /currency/],
    ['a far end', { exp: 4_000_000_000 }, /30 days/],
    ['a start in the future', { nbf: 4_000_000_000 }, /not valid yet/],
    ['an issue in the future', { iat: 4_000_000_000 }, /clock of the app’s server is ahead/],
    ['a fraction in its sequence', { seq: 1.5 }, /seq/],
    ['an unknown capture', { capture_method: 'later' }, /capture_method/],
    ['a customer of another kind', { customer: 'ada' }, /customer/],
    ['our own metadata', { metadata: { tollbridge_attempt: 'x' } }, /metadata/],
  ])('with %s is refused by name', async (_name, overrides, message) => {
    const key = await quoteKeys.rotate(APP, 0, BY_ITSELF)
    const quote = await sign(JSON.parse(JSON.stringify(claims(overrides))), key)
    expect(await refusal({ quote })).toMatchObject({
      code: 'quote_invalid',
      message: expect.stringMatching(message),
    })
  })

  test('is refused beside another amount, currency or items, and taken beside its own', async () => {
    const key = await quoteKeys.rotate(APP, 0, BY_ITSELF)
    const quote = await sign(claims(), key)
    expect(await decide({ quote, amount: 4200, currency: 'eur', orderId: 'order-1' })).toMatchObject({
      amount: 4200,
    })
    expect(await refusal({ quote, amount: 1 })).toMatchObject({ code: 'price_mismatch', param: 'amount' })
    expect(await refusal({ quote, currency: 'usd' })).toMatchObject({
      code: 'price_mismatch',
      param: 'currency',
    })
    expect(await refusal({ quote, items: [{ id: 'tea', quantity: 1 }] })).toMatchObject({
      code: 'parameter_invalid',
    })
  })

  test('outside the app’s limits is refused although it is signed', async () => {
    await put({ policy: 'quote', currencies: [{ currency: 'eur', minAmount: null, maxAmount: 4_000 }] })
    const key = await quoteKeys.rotate(APP, 0, BY_ITSELF)
    expect(await refusal({ quote: await sign(claims(), key) })).toMatchObject({
      code: 'amount_out_of_limits',
    })
  })
})

describe('catalog items', () => {
  const item = (id: string, overrides: object = {}) =>
    prices.insertItem({
      id,
      appId: APP,
      name: id,
      prices: { usd: 450, jpy: 600 },
      active: true,
      maxQuantity: null,
      createdAt: 0,
      updatedAt: 0,
      ...overrides,
    })
  beforeEach(async () => {
    await put({ policy: 'catalog' })
    await item('tea')
    await item('cup', { prices: { usd: 1250 }, maxQuantity: 4 })
    await item('gone', { active: false })
    await item('foreign', { appId: 'app_2' })
  })

  test('are added up, each once, and told with the price of the moment', async () => {
    const items = [
      { id: 'tea', quantity: 2 },
      { id: 'cup', quantity: 1 },
      { id: 'tea', quantity: 1 },
    ]
    expect(await decide({ items, orderId: 'o' })).toMatchObject({
      amount: 3 * 450 + 1250,
      currency: 'usd',
      source: 'catalog',
      orderId: 'o',
      items: [
        { id: 'tea', quantity: 3, unit_amount: 450 },
        { id: 'cup', quantity: 1, unit_amount: 1250 },
      ],
    })
    expect(await decide({ items: [{ id: 'tea', quantity: 2 }], currency: 'jpy' })).toMatchObject({
      amount: 1200,
      currency: 'jpy',
    })
  })

  test.each([
    ['an unknown item', [{ id: 'milk', quantity: 1 }], 'catalog_item_unknown', 'items.0.id'],
    ['an item of another app', [{ id: 'foreign', quantity: 1 }], 'catalog_item_unknown', 'items.0.id'],
    ['an inactive item', [{ id: 'gone', quantity: 1 }], 'catalog_item_unknown', 'items.0.id'],
    ['a name of every object', [{ id: 'constructor', quantity: 1 }], 'catalog_item_unknown', 'items.0.id'],
    ['no item', [], 'parameter_invalid', 'items'],
    ['a fraction of an item', [{ id: 'tea', quantity: 0.5 }], 'parameter_invalid', 'items.0.quantity'],
    ['less than one', [{ id: 'tea', quantity: -1 }], 'parameter_invalid', 'items.0.quantity'],
    ['too many at once', [{ id: 'cup', quantity: 5 }], 'catalog_quantity_too_large', 'items.0.quantity'],
    [
      'too many in two lines',
      [
        { id: 'cup', quantity: 3 },
        { id: 'cup', quantity: 2 },
      ],
      'catalog_quantity_too_large',
      'items.0.quantity',
    ],
    ['more than Stripe charges', [{ id: 'tea', quantity: 1e15 }], 'amount_too_large', 'items'],
  ])('%s is refused', async (_name, items, code, param) => {
    expect(await refusal({ items })).toMatchObject({ code, param })
  })

  test('without a price in the currency are refused with the currencies that there are', async () => {
    const items = [
      { id: 'tea', quantity: 1 },
      { id: 'cup', quantity: 1 },
    ]
    expect(await refusal({ items, currency: 'jpy' })).toEqual({
      code: 'catalog_price_missing',
      param: 'items.1.id',
      message: expect.stringMatching(/cup has no price in jpy, only in usd/),
    })
  })

  test('beside an old total are refused with the new one', async () => {
    expect(await refusal({ items: [{ id: 'tea', quantity: 2 }], amount: 800 })).toMatchObject({
      code: 'price_mismatch',
      message: expect.stringMatching(/price is 900 minor units of usd, but the field amount names 800/),
    })
  })
})

describe('the order of issue', () => {
  test('has what a server key says of an order as its newest place, whatever the clock does', async () => {
    const price = { amount: 1999, orderId: 'o', role: 'server' } as const
    const first = (await decide(price)).issued ?? 0
    expect(first).toBe(now)
    now -= HOUR
    const second = (await decide(price)).issued ?? 0
    expect(second).toBeGreaterThan(first)
    expect((await decide({ ...price, orderId: null })).issued).toBeNull()
    expect((await decide({ ...price, role: 'client' })).issued).toBeNull()
  })
})

test('a hold is for the app’s server to ask for, or for pages where the policy lets them', async () => {
  expect(await decide({ amount: 1999 })).toMatchObject({ mayHold: false })
  expect(await decide({ amount: 1999, role: 'server' })).toMatchObject({ mayHold: true })
  await put({ allowClientCapture: true })
  expect(await decide({ amount: 1999 })).toMatchObject({ mayHold: true })
})
