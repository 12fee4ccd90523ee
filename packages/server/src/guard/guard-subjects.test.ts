import { expect, test } from 'vitest'
import { guardLimits } from './guard-limits.ts'
import { type AttemptFacts, allowancesOf } from './guard-subjects.ts'

const facts: AttemptFacts = {
  appId: 'app_1',
  role: 'client',
  address: '203.0.113.7',
  clientKey: 'tbc_1',
  orderId: 'order-1',
  paymentIntentId: null,
  card: 'tok_visa',
  captcha: null,
}
const settings = {
  GUARD: 'auto',
  GUARD_ADDRESS: undefined,
  GUARD_CLIENT_KEY: undefined,
  GUARD_CARD: undefined,
  GUARD_ORDER: undefined,
  GUARD_PROOF_ADDRESS: undefined,
  GUARD_PROOF_CLIENT_KEY: undefined,
} as const
const limits = guardLimits(settings, 'live')
const kinds = (overrides: Partial<AttemptFacts>) =>
  limits === null ? [] : allowancesOf({ ...facts, ...overrides }, limits).map(({ kind }) => kind)

test('a payer is counted by address, key and order; a server by order alone', () => {
  expect(kinds({})).toEqual(['address', 'key', 'order'])
  expect(kinds({ role: 'server', clientKey: null })).toEqual(['order'])
  expect(kinds({ address: null, orderId: null })).toEqual(['key'])
})

test('an order without a payment is counted for each address by itself, one with a payment by that', () => {
  const subject = (overrides: Partial<AttemptFacts>) =>
    limits === null
      ? []
      : allowancesOf({ ...facts, ...overrides }, limits).find(({ kind }) => kind === 'order')?.subject
  expect(subject({ address: '198.51.100.1' })).not.toBe(subject({}))
  const begun = { paymentIntentId: 'pi_1' }
  expect(subject({ ...begun, address: '198.51.100.1' })).toBe(subject(begun))
  expect(subject({ role: 'server', ...begun })).toBe(subject(begun))
})

test('a payer with a proof is stopped by his own failures, not by those of his address', () => {
  const all = limits === null ? [] : allowancesOf({ ...facts, paymentIntentId: 'pi_1' }, limits)
  expect(all.map(({ kind, attempts, failures }) => [kind, attempts, failures])).toEqual([
    ['address', null, 5],
    ['address', 20, null],
    ['key', 2_000, 100],
    ['order', 10, null],
  ])
  expect(all[0]?.subject).not.toBe(all[1]?.subject)
})

test('rows name nobody', () => {
  const subjects = limits === null ? [] : allowancesOf(facts, limits).map(({ subject }) => subject)
  expect(subjects.join()).not.toMatch(/203|order-1|tbc_1/)
  expect(new Set(subjects).size).toBe(3)
})

test('live apps get the limits of the public, others those of a test suite, unless the settings say more', () => {
  expect(guardLimits(settings, 'live')?.address).toEqual({ attempts: 20, failures: 5, windowMs: 600_000 })
  expect(guardLimits(settings, 'sandbox')?.address.attempts).toBe(20_000)
  expect(guardLimits({ ...settings, GUARD: 'strict' }, 'sandbox')?.address.attempts).toBe(20)
  expect(guardLimits({ ...settings, GUARD: 'off' }, 'live')).toBeNull()
  const own = { attempts: 7, failures: null, windowMs: 1000 }
  expect(guardLimits({ ...settings, GUARD_ADDRESS: own }, 'live')?.address).toEqual(own)
})
