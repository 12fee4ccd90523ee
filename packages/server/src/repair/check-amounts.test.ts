/** What counts as another amount than the one that was asked for. */
import { expect, test } from 'vitest'
import type { Payment } from '../payment-state/payment.ts'
import { amountMismatch } from './check-amounts.ts'

const asked = { amount: 5000, currency: 'usd' }

function aPayment(more: Partial<Payment> = {}): Payment {
  const sums = { amount: 5000, amountReceived: 5000, amountRefunded: 0, currency: 'usd' } as const
  return { id: 'pi_1', status: 'succeeded', ...sums, ...more } as Payment
}

test.each([
  ['paid as asked', {}],
  ['not paid yet', { status: 'requires_action', amountReceived: 0 }],
  ['captured in part', { amountReceived: 3000 }],
  ['refunded in part', { amountRefunded: 100 }],
  ['of another amount, but canceled', { status: 'canceled', amount: 50, amountReceived: 0 }],
  ['of another amount, but given back', { amount: 50, amountReceived: 50, amountRefunded: 50 }],
] as const)('a payment that is %s agrees', (_what, more) => {
  expect(amountMismatch(aPayment(more), asked)).toBeNull()
})

test.each([
  ['smaller', { amount: 50, amountReceived: 50 }, 'of 50 usd at Stripe, of which 50 was received'],
  ['larger', { amount: 50_000, amountReceived: 0, status: 'processing' }, 'of 50000 usd at Stripe, but'],
  ['in another currency', { currency: 'jpy' }, 'of 5000 jpy at Stripe'],
  ['received beyond its amount', { amountReceived: 6000 }, 'of which 6000 was received'],
] as const)('a payment that is %s does not', (_what, more, words) => {
  const sentence = amountMismatch(aPayment(more), asked)
  expect(sentence).toContain(words)
  expect(sentence).toContain('5000 usd was asked for')
})
