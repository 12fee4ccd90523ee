import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprintOf } from './fingerprint.ts'
import { isSingleUse, requestKeyOf } from './request-key.ts'

describe('a request is known again', () => {
  test('by the caller’s key, whatever else it says', () => {
    const facts = {
      callerKey: 'cart-1',
      clientKey: 'tbc_1',
      card: 'tok_1Abc',
      fingerprint: 'x',
      movesAgain: false,
    }
    expect(requestKeyOf(facts)).toEqual(requestKeyOf({ ...facts, card: null, fingerprint: 'y' }))
  })

  test('by a key of that page’s key alone, never as the app’s server', () => {
    const facts = { callerKey: 'cart-1', clientKey: 'tbc_1', card: null, fingerprint: 'x', movesAgain: false }
    expect(requestKeyOf({ ...facts, clientKey: 'tbc_2' })?.text).not.toBe(requestKeyOf(facts)?.text)
    expect(requestKeyOf({ ...facts, clientKey: null })?.text).toBe(requestKeyOf(facts)?.earlier)
  })

  test('without what it holds: neither a key nor a token can be read in it', () => {
    const facts = {
      callerKey: 'cart-1',
      clientKey: 'tbc_1',
      card: 'tok_1Abc',
      fingerprint: 'x',
      movesAgain: false,
    }
    expect(requestKeyOf(facts)?.text).not.toContain('cart-1')
    expect(requestKeyOf({ ...facts, callerKey: null })?.text).not.toContain('1Abc')
  })

  test('by its single-use token and its content', () => {
    const facts = {
      callerKey: null,
      clientKey: 'tbc_1',
      card: 'tok_1Abc',
      fingerprint: 'x',
      movesAgain: false,
    }
    expect(requestKeyOf(facts)).toEqual(requestKeyOf({ ...facts }))
    expect(requestKeyOf(facts)).not.toEqual(requestKeyOf({ ...facts, fingerprint: 'y' }))
  })

  test('not by a token that can be used again, and not without a card, where a repeat moves nothing', () => {
    expect(
      requestKeyOf({
        callerKey: null,
        clientKey: 'tbc_1',
        card: 'tok_visa',
        fingerprint: 'x',
        movesAgain: false,
      }),
    ).toBeNull()
    expect(
      requestKeyOf({ callerKey: null, clientKey: 'tbc_1', card: null, fingerprint: 'x', movesAgain: false }),
    ).toBeNull()
  })

  test('by its content alone where a second one would move money again', () => {
    const facts = { callerKey: null, clientKey: 'tbc_1', card: 'pm_1Abc', fingerprint: 'x', movesAgain: true }
    expect(requestKeyOf(facts)).toMatchObject({ isByContent: true })
    expect(requestKeyOf(facts)).toEqual(requestKeyOf({ ...facts }))
    expect(requestKeyOf(facts)).not.toEqual(requestKeyOf({ ...facts, fingerprint: 'y' }))
    expect(requestKeyOf(facts)).not.toEqual(requestKeyOf({ ...facts, clientKey: null }))
  })

  test('never by a caller’s key that spells a token', () => {
    const token = requestKeyOf({
      callerKey: null,
      clientKey: 'tbc_1',
      card: 'tok_1Abc',
      fingerprint: 'x',
      movesAgain: false,
    })
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (callerKey) => {
        expect(
          requestKeyOf({ callerKey, clientKey: 'tbc_1', card: null, fingerprint: 'x', movesAgain: false }),
        ).not.toEqual(token)
      }),
    )
  })
})

test('tokens of Stripe.js are single-use, test names and payment methods are not', () => {
  expect(isSingleUse('tok_1PqVisa4242')).toBe(true)
  expect(isSingleUse('tok_visa')).toBe(false)
  expect(isSingleUse('pm_1PqVisa4242')).toBe(false)
})

test('a fingerprint tells content apart, not the order of its fields', () => {
  const reversed = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([name, item]) => [name, reversed(item)]),
        )
      : value
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(fingerprintOf(reversed(a))).toBe(fingerprintOf(a))
      if (JSON.stringify(a) !== JSON.stringify(b)) {
        // Numeric names are always in order, and -0 is written as 0, so the written forms decide.
        const isSame = fingerprintOf(a) === fingerprintOf(b)
        expect(isSame).toBe(sorted(a) === sorted(b))
      }
    }),
  )
})

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${sorted(item)}`)
  return `{${entries.sort().join()}}`
}
