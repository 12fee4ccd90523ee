import { describe, expect, test } from 'vitest'
import { ServiceError } from '../../errors.ts'
import { parseCharge } from './charge-schema.ts'

const good = { token: 'tok_1PqVisa4242', amount: 1999 }

function refusal(body: unknown): Pick<ServiceError, 'code' | 'param' | 'message'> {
  try {
    parseCharge(body)
  } catch (error) {
    if (error instanceof ServiceError) return error
    throw error
  }
  throw new Error('The body was accepted')
}

describe('a charge body that is refused names the field and the fix', () => {
  const table: readonly (readonly [name: string, body: unknown, code: string, param: string | undefined])[] =
    [
      ['no body', undefined, 'body_invalid', undefined],
      ['null', null, 'body_invalid', undefined],
      ['text', 'abc', 'body_invalid', undefined],
      ['a list of two', [good, good], 'body_invalid', undefined],
      ['no token', { amount: 1999 }, 'parameter_missing', 'token'],
      ['an empty token', { ...good, token: '' }, 'parameter_missing', 'token'],
      ['a token that is a number', { ...good, token: 7 }, 'token_invalid', 'token'],
      ['a token of another kind', { ...good, token: 'cus_123' }, 'token_invalid', 'token'],
      ['a token with a path in it', { ...good, token: 'tok_../x' }, 'token_invalid', 'token'],
      ['no amount', { token: good.token }, 'parameter_missing', 'amount'],
      ['amount 0', { ...good, amount: 0 }, 'amount_invalid', 'amount'],
      ['a negative amount', { ...good, amount: -5 }, 'amount_invalid', 'amount'],
      ['a fraction', { ...good, amount: 19.99 }, 'amount_invalid', 'amount'],
      ['an amount as text', { ...good, amount: '1999' }, 'amount_invalid', 'amount'],
      ['an amount of 1e21', { ...good, amount: 1e21 }, 'amount_too_large', 'amount'],
      ['thirteen digits', { ...good, amount: 1_000_000_000_000 }, 'amount_too_large', 'amount'],
      ['a currency of two letters', { ...good, currency: 'us' }, 'currency_invalid', 'currency'],
      ['a currency that is a number', { ...good, currency: 840 }, 'currency_invalid', 'currency'],
      ['an order id that is an object', { ...good, order_id: {} }, 'parameter_invalid', 'order_id'],
      [
        'a return_url without a scheme',
        { ...good, return_url: 'shop/done' },
        'parameter_invalid',
        'return_url',
      ],
      ['items without an id', { ...good, items: [{ quantity: 1 }] }, 'parameter_invalid', 'items'],
      ['half an item', { ...good, items: [{ id: 'a', quantity: 0.5 }] }, 'parameter_invalid', 'items'],
      ['metadata that is a list', { ...good, metadata: ['a'] }, 'parameter_invalid', 'metadata'],
      [
        'two order ids',
        { ...good, order_id: 'a', metadata: { order_id: 'b' } },
        'parameter_invalid',
        'metadata.order_id',
      ],
      [
        'metadata of ours',
        { ...good, metadata: { tollbridge_attempt: 'x' } },
        'parameter_invalid',
        'metadata.tollbridge_attempt',
      ],
      ['metadata that nests', { ...good, metadata: { a: {} } }, 'parameter_invalid', 'metadata.a'],
      [
        'a card number',
        { ...good, card: { number: '4242 4242 4242 4242' } },
        'card_number_refused',
        'card.number',
      ],
      [
        'a card number in place of the token',
        { ...good, token: '4242424242424242' },
        'card_number_refused',
        'token',
      ],
      ['a card number that is a number', { ...good, card: 378282246310005 }, 'card_number_refused', 'card'],
    ]
  test.each(table)('%s', (_name, body, code, param) => {
    const error = refusal(body)
    expect({ code: error.code, param: error.param }).toEqual({ code, param })
    expect(error.message).toMatch(param === undefined ? /JSON object/ : new RegExp(`field ${param}`))
    expect(error.message).not.toMatch(/4242|378282246310005/)
  })
})

describe('a charge body that is taken', () => {
  test('stands for itself, or alone in a list as old documents write it', () => {
    expect(parseCharge(good).input).toMatchObject({
      card: good.token,
      asked: { amount: good.amount, currency: null, items: null, quote: null },
      orderId: null,
    })
    expect(parseCharge([good])).toEqual(parseCharge(good))
  })

  test('passes over fields that it does not know', () => {
    expect(parseCharge({ ...good, cart: [1, 2] })).toEqual(parseCharge(good))
  })

  test('takes a currency in any case, and an order id that is a number', () => {
    expect(parseCharge({ ...good, currency: 'EUR', order_id: 1001 }).input).toMatchObject({
      asked: { currency: 'eur' },
      orderId: '1001',
    })
  })

  test('takes an order id that stands in the metadata', () => {
    const { orderId, metadata } = parseCharge({ ...good, metadata: { order_id: 'o1', seat: 4 } }).input
    expect({ orderId, metadata }).toEqual({ orderId: 'o1', metadata: { seat: '4' } })
  })

  test('takes ids and phone numbers that only look a little like cards', () => {
    const body = {
      ...good,
      order_id: '1234567890123456',
      description: 'call +49 170 1234567 or ref 4242424242424241',
    }
    expect(parseCharge(body).input.orderId).toBe('1234567890123456')
  })

  test('takes items or a quote in place of the amount', () => {
    const { token } = good
    expect(parseCharge({ token, items: [{ id: 'tea' }, { id: 'cup', quantity: 2 }] }).input.asked).toEqual({
      amount: null,
      currency: null,
      items: [
        { id: 'tea', quantity: 1 },
        { id: 'cup', quantity: 2 },
      ],
      quote: null,
    })
    expect(parseCharge({ token, quote: 'a.b.c' }).input.asked).toMatchObject({ amount: null, quote: 'a.b.c' })
  })
})
