import { type ErrorCode, errorCodes } from '@tollbridge/protocol'
import type { Stripe } from 'stripe'
import { describe, expect, test } from 'vitest'
import { ServiceError } from '../../errors.ts'
import type { StripeCall } from '../../store/payment-attempt-store.ts'
import { judgeError, notDone, outcomeOfIntent, outcomeOfState } from './judge-outcome.ts'

const anIntent = (fields: Partial<Stripe.PaymentIntent>) =>
  ({
    id: 'pi_1',
    status: 'succeeded',
    latest_charge: 'ch_1',
    last_payment_error: null,
    amount_received: 1999,
    ...fields,
  }) as Stripe.PaymentIntent

const anError = (code: ErrorCode, details: Record<string, unknown> = {}) =>
  new ServiceError(code, { message: 'No.', details })

const create: StripeCall = { operation: 'create', paymentIntent: null, params: { confirm: true } }
const confirm: StripeCall = { operation: 'confirm', paymentIntent: 'pi_1', params: {} }

describe('an error of Stripe', () => {
  test.each([
    'stripe_unreachable',
    'stripe_timeout',
    'stripe_failed',
    'stripe_key_rejected',
    'too_many_requests',
    'idempotency_key_in_use',
  ] as const)('%s leaves open whether the call was done', (code) => {
    expect(judgeError(anError(code), true).kind).toBe('unknown')
  })

  test('of any family but a declined card and a refused request leaves it open, new codes too', () => {
    const others = Object.entries(errorCodes).filter(
      ([, { type }]) => type !== 'card_error' && type !== 'invalid_request_error',
    )
    expect(others.length).toBeGreaterThan(10)
    for (const [code] of others) {
      expect(judgeError(anError(code as ErrorCode), false).kind, code).toBe('unknown')
    }
  })

  test('that a key came with other content means, at its first sending, that the rows have forgotten one', () => {
    expect(judgeError(anError('idempotency_key_reused'), true).kind).toBe('forgotten')
    expect(judgeError(anError('idempotency_key_reused'), false).kind).toBe('unknown')
  })

  test('at a call that never left is an outcome of a first sending, and says nothing about an earlier one', () => {
    const unsent = new ServiceError('stripe_unreachable', { message: 'No.', isUnsent: true })
    expect(judgeError(unsent, true)).toMatchObject({
      kind: 'failed',
      outcome: { state: 'failed', failure: { code: 'stripe_unreachable', retryable: true } },
    })
    expect(judgeError(unsent, false).kind).toBe('unknown')
  })

  test('that is no error of ours, a bug, leaves it open as well', () => {
    expect(judgeError(new TypeError('oops'), true).kind).toBe('unknown')
  })

  test('a decline is final, and names the payment and the charge', () => {
    const details = { charge: 'ch_9', payment_intent: 'pi_9', decline_code: 'lost_card' }
    expect(judgeError(anError('card_declined', details), false)).toEqual({
      kind: 'failed',
      outcome: {
        state: 'failed',
        paymentIntentId: 'pi_9',
        chargeId: 'ch_9',
        refundId: null,
        paymentStatus: null,
        failure: { code: 'card_declined', message: 'No.', param: null, details, retryable: false },
      },
    })
  })

  test('about the state of the payment asks for a look', () => {
    const error = anError('stripe_rejected', { stripe_code: 'payment_intent_unexpected_state' })
    expect(judgeError(error, true).kind).toBe('look')
  })

  test('about the account is final only when the call was never sent before', () => {
    expect(judgeError(anError('account_unknown'), true).kind).toBe('failed')
    expect(judgeError(anError('account_unknown'), false).kind).toBe('unknown')
  })
})

describe('a payment shows of a lost call', () => {
  const declined = anIntent({
    status: 'requires_payment_method',
    last_payment_error: {
      code: 'card_declined',
      decline_code: 'lost_card',
      message: 'Lost.',
    } as Stripe.PaymentIntent.LastPaymentError,
  })

  test.each(['succeeded', 'requires_capture', 'processing'])('that it is paid: %s', (status) => {
    for (const call of [create, confirm]) {
      const outcome = outcomeOfState(call, anIntent({ status }))
      expect(outcome).toEqual(outcomeOfIntent(anIntent({ status })))
      expect(outcome?.failure).toBeNull()
    }
  })

  test('that the card it was created with asks for 3-D Secure', () => {
    const waiting = anIntent({ status: 'requires_action' })
    expect(outcomeOfState(create, waiting)).toEqual(outcomeOfIntent(waiting))
  })

  test('that the card it was created with was declined', () => {
    expect(outcomeOfState(create, declined)).toMatchObject({
      state: 'failed',
      failure: { code: 'card_declined', details: { decline_code: 'lost_card' }, retryable: false },
    })
  })

  test('nothing about a confirmation, where another card may have led to its state', () => {
    expect(outcomeOfState(confirm, declined)).toBeNull()
    expect(outcomeOfState(confirm, anIntent({ status: 'requires_action' }))).toBeNull()
  })

  test('nothing, where the card was not tried', () => {
    for (const status of ['requires_payment_method', 'requires_confirmation', 'canceled']) {
      for (const call of [create, confirm]) {
        expect(outcomeOfState(call, anIntent({ status })), status).toBeNull()
      }
    }
  })

  test('a capture by its amount, and a cancellation by its status', () => {
    const capture = (amount?: number): StripeCall => ({
      operation: 'capture',
      paymentIntent: 'pi_1',
      params: amount === undefined ? {} : { amount_to_capture: amount },
    })
    expect(outcomeOfState(capture(), anIntent({}))).not.toBeNull()
    expect(outcomeOfState(capture(1999), anIntent({}))).not.toBeNull()
    expect(outcomeOfState(capture(1000), anIntent({}))).toBeNull()
    const cancel: StripeCall = { operation: 'cancel', paymentIntent: 'pi_1', params: {} }
    expect(outcomeOfState(cancel, anIntent({ status: 'canceled' }))).not.toBeNull()
    expect(outcomeOfState(cancel, anIntent({}))).toBeNull()
  })
})

test('a call that was not done may be made again, but never a create whose payment is there', () => {
  expect(notDone({ call: create }, null).failure?.retryable).toBe(true)
  const left = notDone({ call: create }, anIntent({ status: 'requires_confirmation' }))
  expect(left).toMatchObject({ paymentIntentId: 'pi_1', failure: { retryable: false } })
  expect(notDone({ call: confirm }, anIntent({})).failure?.retryable).toBe(true)
})
