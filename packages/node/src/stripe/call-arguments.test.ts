/** What the arguments of a call are taken for, and what is refused. */
import { describe, expect, test } from 'vitest'
import { readCallArguments } from './call-arguments.ts'

const read = (counts: readonly number[], ...args: readonly unknown[]) =>
  readCallArguments('customers.post', counts, args)

describe('the last object', () => {
  test.each([
    ['plain fields', { email: 'a@b.c', url: 'https://x' }, 'fields'],
    ['an empty object', {}, 'fields'],
    ['params', { params: { limit: 3 } }, 'options'],
    ['a body', { body: { email: 'a@b.c' } }, 'options'],
    ['a path, which a named function knows itself', { path: '/elsewhere' }, 'options'],
    [
      'headers beside an idempotency key',
      { headers: { 'Stripe-Account': 'acct_1' }, idempotencyKey: 'k' },
      'options',
    ],
    ['an idempotency key alone', { idempotencyKey: 'k' }, 'options'],
    ['a signal alone', { signal: new AbortController().signal }, 'options'],
  ])('%s is taken as it is meant', (_, object, kind) => {
    expect(read([0, 1], object).given.kind).toBe(kind)
    expect(read([0, 1], 'cus_1', object).given.kind).toBe(kind)
  })

  test('fields beside the options are refused by name, as they would be lost', () => {
    expect(() => read([0], { params: {}, email: 'a@b.c' })).toThrow(
      /the field email: put Stripe's fields into body/,
    )
    expect(() => read([0], { idempotencyKey: 'k', email: 'a@b.c' })).toThrow(/the field email/)
  })

  test('callbackData and callbacks of Slingr may follow it', () => {
    expect(read([1], 'cus_1', {}, { order: 1 }, { done: () => undefined }).ids).toEqual(['cus_1'])
  })

  test.each([[['a']], [() => undefined], [true]])('%s is no object', (value) => {
    expect(() => read([0], value)).toThrow(/must be an object/)
  })
})

describe('ids', () => {
  test('are encoded, so that they stay in their place', () => {
    expect(read([1], 'cus/../x').ids).toEqual(['cus%2F..%2Fx'])
    expect(read([1], 'a?b#c d\r\nX: y').ids).toEqual(['a%3Fb%23c%20d%0D%0AX%3A%20y'])
    expect(read([2], 12, 'x').ids).toEqual(['12', 'x'])
  })

  test.each([[''], ['.'], ['..'], [Number.NaN], [1.5], ['\ud800']])('%j is refused', (id) => {
    expect(() => read([1], id)).toThrow(TypeError)
  })

  test('a wrong number of them names the right ones', () => {
    expect(() => read([0, 1], 'a', 'b')).toThrow('customers.post takes none or 1 ids, and was given 2.')
    expect(() => read([1], {})).toThrow('customers.post takes 1 id, and was given 0, then an object.')
    expect(() => read([1])).toThrow('customers.post takes 1 id, and was given 0.')
  })

  test('one that is undefined by mistake does not make the call mean all of them', () => {
    expect(() => read([0, 1], undefined)).toThrow(/Argument 1 of customers.post is undefined/)
    expect(() => read([0, 1], null, {})).toThrow(/Argument 1 of customers.post is null/)
    expect(read([0, 1], 'cus_1', undefined).ids).toEqual(['cus_1'])
  })

  test('one that comes after the object is refused', () => {
    expect(() => read([0, 1], {}, 'cus_1')).toThrow(/ids first/)
  })
})
