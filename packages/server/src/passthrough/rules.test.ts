/** Rules read as operators mean them, and no spelling of a path walks around a refusal. */
import { describe, expect, test } from 'vitest'
import { isCharging } from './charging-calls.ts'
import { DEFAULT_RULES, rulesFrom } from './default-rules.ts'
import { decide, parseRule } from './rules.ts'

const allowed = (rules: readonly string[] | null, call: string) => {
  const [method = '', path = ''] = call.split(' ')
  return decide(rulesFrom(rules), method, path).isAllowed
}

describe('reading a rule', () => {
  test.each([
    'GET /v1/customers*',
    '!POST /v1/payouts',
    '* /v1/*',
    'GET,POST /v1/refunds/*',
    '!* /v2*',
    'POST /v1/customers/*/sources',
    'GET  /v1/x',
  ])('%s is one', (text) => {
    expect(parseRule(text)).not.toBeNull()
  })

  test.each([
    '',
    'default',
    '/v1/customers',
    'get /v1/customers',
    'FETCH /v1/customers',
    'GET customers',
    'GET /v3/customers',
    'GET /v1/customers?limit=3',
    'GET /v1/a b',
    '!!GET /v1/x',
    'GET https://api.stripe.com/v1/x',
    'GET /v1/(a|b)',
  ])('%j is none', (text) => {
    expect(parseRule(text)).toBeNull()
  })
})

describe('deciding', () => {
  test('the last rule that fits decides, and without one nothing is let through', () => {
    const rules = [
      'GET /v1/customers*',
      '!GET /v1/customers/cus_secret*',
      'GET /v1/customers/cus_secret/sources',
    ]
    expect(allowed(rules, 'GET /v1/customers')).toBe(true)
    expect(allowed(rules, 'GET /v1/customers/cus_1')).toBe(true)
    expect(allowed(rules, 'GET /v1/customers/cus_secret')).toBe(false)
    expect(allowed(rules, 'GET /v1/customers/cus_secret/sources')).toBe(true)
    expect(allowed(rules, 'POST /v1/customers')).toBe(false)
    expect(allowed(rules, 'GET /v1/charges')).toBe(false)
    expect(decide(rulesFrom(rules), 'GET', '/v1/charges')).toEqual({ isAllowed: false, rule: null })
  })

  test('a star inside stands for one part of the path, at the end for the rest', () => {
    const rules = ['GET /v1/customers/*/sources', 'GET /v1/charges/*']
    expect(allowed(rules, 'GET /v1/customers/cus_1/sources')).toBe(true)
    expect(allowed(rules, 'GET /v1/customers/a/b/sources')).toBe(false)
    expect(allowed(rules, 'GET /v1/customers/cus_1/sources/x')).toBe(false)
    expect(allowed(rules, 'GET /v1/charges')).toBe(false)
    expect(allowed(rules, 'GET /v1/charges/ch_1/refunds')).toBe(true)
    expect(allowed(['GET /v1/a.b'], 'GET /v1/axb')).toBe(false)
  })

  test('who may read may ask for the head alone', () => {
    expect(allowed(['GET /v1/customers'], 'HEAD /v1/customers')).toBe(true)
    expect(allowed(['POST /v1/customers'], 'HEAD /v1/customers')).toBe(false)
  })

  test.each([
    '/v1/webhook_endpoints',
    '/v1/webhook_endpoints/we_1',
    '/v1/WEBHOOK_ENDPOINTS',
    '/v1/webhook_endpoints.json',
    '/v1/webhook_endpoints;x=1',
    '/v1/ webhook_endpoints',
    '/v1/;webhook_endpoints',
    '/v1/webhook_endpoints /x',
    '/v1/webhook_endpoints\u{a0}',
  ])('%j is a webhook endpoint all the same', (path) => {
    expect(decide(rulesFrom(null), 'GET', path)).toEqual({
      isAllowed: false,
      rule: '!* /v1/webhook_endpoints*',
    })
  })

  test('what cannot be read in a stored list refuses what stands before it', () => {
    expect(allowed(['GET /v1/customers*', 'some new form'], 'GET /v1/customers')).toBe(false)
    expect(allowed(['some new form', 'GET /v1/customers*'], 'GET /v1/customers')).toBe(true)
  })
})

describe('the default rules', () => {
  test.each([
    'GET /v1/customers',
    'POST /v1/payment_intents/pi_1/confirm',
    'POST /v1/refunds',
    'POST /v1/payouts',
    'POST /v1/files',
    'GET /v1/account',
    'GET /v1/accounts/acct_1',
    'GET /v2/core/accounts',
    'GET /v2/core/events',
    'POST /v1/test_helpers/test_clocks',
    'POST /v1/terminal/connection_tokens',
    'POST /v1/customer_sessions',
    'DELETE /v1/customers/cus_1',
  ])('let %s through', (call) => {
    expect(allowed(null, call)).toBe(true)
  })

  test.each([
    'GET /v1/webhook_endpoints',
    'POST /v1/webhook_endpoints/we_1',
    'GET /v2/core/event_destinations',
    'POST /v2/core/event_destinations/ed_1/disable',
    'POST /v1/ephemeral_keys',
    'DELETE /v1/ephemeral_keys/ephkey_1',
    'GET /v1/apps/secrets/find',
    'POST /v1/stripecli/sessions',
    'GET /v2/iam/api_keys',
    'POST /v2/core/claimable_sandboxes',
    'POST /v1/account',
    'POST /v1/accounts',
    'POST /v1/accounts/acct_1/external_accounts',
    'DELETE /v1/accounts/acct_1',
    'POST /v1/account_links',
    'POST /v1/account_sessions',
    'POST /v2/core/accounts/acct_1/close',
    'POST /v1/balance_settings',
    'POST /v1/tax/settings',
  ])('refuse %s', (call) => {
    expect(allowed(null, call)).toBe(false)
  })

  test('can be widened and narrowed by what follows them', () => {
    expect(allowed(['default', 'POST /v1/ephemeral_keys'], 'POST /v1/ephemeral_keys')).toBe(true)
    expect(allowed(['default', '!POST /v1/payouts*'], 'POST /v1/payouts/po_1/cancel')).toBe(false)
    expect(allowed(['default', '!POST /v1/payouts*'], 'POST /v1/refunds')).toBe(true)
    expect(DEFAULT_RULES.every((text) => parseRule(text) !== null)).toBe(true)
  })
})

test.each([
  ['POST /v1/payment_intents', true],
  ['POST /v1/payment_intents/pi_1', false],
  ['POST /v1/payment_intents/pi_1/confirm', true],
  ['POST /v1/payment_intents/pi_1/capture', false],
  ['POST /v1/payment_intents/pi_1/cancel', false],
  ['GET /v1/payment_intents', false],
  ['POST /v1/charges', true],
  ['POST /v1/charges/ch_1/capture', false],
  ['POST /v1/refunds', false],
  ['POST /v1/checkout/sessions', true],
  ['POST /v1/checkout/sessions/cs_1/expire', false],
  ['POST /v1/subscriptions', true],
  ['DELETE /v1/subscriptions/sub_1', false],
  ['POST /v1/invoices/in_1/pay', true],
  ['POST /v1/invoices/in_1/void', false],
  ['POST /v1/payment_intents/pi_1/apply_customer_balance', true],
  ['POST /v1/Charges', true],
  ['POST /v1/payment_intents.json', true],
  ['POST /v1/payment_intents;x/pi_1/confirm', true],
  ['POST /v1/subscription_schedules/sub_sched_1', true],
  ['POST /v1/subscription_schedules/sub_sched_1/cancel', false],
  ['POST /v2/payments/off_session_payments/osp_1/cancel', false],
  ['POST /v2/payments/off_session_payments', true],
])('%s begins a charge: %s', (call, begins) => {
  const [method = '', path = ''] = call.split(' ')
  expect(isCharging(method, path)).toBe(begins)
})
