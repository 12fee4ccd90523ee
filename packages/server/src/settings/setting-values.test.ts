import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../config.ts'

function problem(env: Record<string, string>): string {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n')
    throw error
  }
  return ''
}

describe('limits of attempts', () => {
  test.each([
    ['20/5 in 10m', { attempts: 20, failures: 5, windowMs: 600_000 }],
    ['- / 5 in 1h', { attempts: null, failures: 5, windowMs: 3_600_000 }],
    ['10/- in 2d', { attempts: 10, failures: null, windowMs: 172_800_000 }],
  ])('%s', (text, limits) => {
    expect(readConfig({ GUARD_ADDRESS: text }).GUARD_ADDRESS).toEqual(limits)
  })

  test.each(['20', '20/5', '20/5 in 10', '0/5 in 10m', '20/5 in 8d', '20/5 in 0m', 'twenty/5 in 1h'])(
    '"%s" is refused with an example',
    (text) => expect(problem({ GUARD_ADDRESS: text })).toMatch(/GUARD_ADDRESS must read like 20\/5 in 10m/),
  )
})

describe('price limits', () => {
  test('name currencies, with or without amounts', () => {
    expect(readConfig({ PRICE_LIMITS: 'USD:100-50000, eur:100-, jpy:-9, gbp' }).PRICE_LIMITS).toEqual([
      { currency: 'usd', minAmount: 100, maxAmount: 50_000 },
      { currency: 'eur', minAmount: 100, maxAmount: null },
      { currency: 'jpy', minAmount: null, maxAmount: 9 },
      { currency: 'gbp', minAmount: null, maxAmount: null },
    ])
  })

  test.each([
    ['usd:1.5-2', /"usd:1.5-2" does not/],
    ['xyz', /xyz, which Stripe does not charge in/],
    ['usd,usd:1-', /names usd twice/],
    ['usd:9-8', /smallest amount above the largest for usd/],
    ['usd,', /must read like/],
  ])('%s is refused', (text, message) => expect(problem({ PRICE_LIMITS: text })).toMatch(message))
})

describe('trusted proxies', () => {
  test('are a number, or addresses and networks', () => {
    expect(readConfig({}).TRUST_PROXY).toBeUndefined()
    expect(readConfig({ TRUST_PROXY: '2' }).TRUST_PROXY).toBe(2)
    expect(readConfig({ TRUST_PROXY: '10.0.0.0/8, ::1' }).TRUST_PROXY).toEqual(['10.0.0.0/8', '::1'])
  })

  test.each(['true', '*', '10.0.0.0/33', '10.0.0', 'proxy.example.com', '::1/64/1', '-1'])(
    '%s is refused',
    (text) => expect(problem({ TRUST_PROXY: text })).toMatch(/TRUST_PROXY must be the number of proxies/),
  )
})

test('a captcha without its keys is refused with the names of what is missing', () => {
  expect(problem({ CAPTCHA_PROVIDER: 'turnstile', CAPTCHA_SITE_KEY: 'site' })).toMatch(
    /CAPTCHA_SECRET is missing/,
  )
  expect(problem({ CAPTCHA_PROVIDER: 'recaptcha' })).toMatch(/turnstile or hcaptcha/)
})
