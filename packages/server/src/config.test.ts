import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const real = {
  STRIPE_SECRET_KEY: 'sk_test_abcdefgh12345678',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_abcdefgh12345678',
  STRIPE_WEBHOOK_SECRET: 'whsec_abcdefgh12345678',
  CURRENCY: 'usd',
}

function problems(env: Record<string, string>): string {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

test('an empty environment is the sandbox on its defaults', () => {
  expect(readConfig({})).toMatchObject({
    PORT: 4242,
    SANDBOX_PORT: 4243,
    TOLLBRIDGE_DATA_DIR: '.tollbridge',
    stripe: null,
  })
})

test('four settings together switch to real Stripe, with several signing secrets', () => {
  const config = readConfig({ ...real, STRIPE_WEBHOOK_SECRET: 'whsec_old123456, whsec_new123456' })
  expect(config.stripe).toMatchObject({
    mode: 'test',
    signingSecrets: ['whsec_old123456', 'whsec_new123456'],
  })
})

describe('a half-set configuration is refused with the names of what is missing', () => {
  test.each(Object.keys(real))('without %s', (name) => {
    const text = problems(Object.fromEntries(Object.entries(real).filter(([key]) => key !== name)))
    expect(text).toContain(`${name} is missing`)
  })
})

test('the local Stripe needs a port of its own', () => {
  expect(problems({ PORT: '5000', SANDBOX_PORT: '5000' })).toContain('PORT and SANDBOX_PORT are both 5000')
  expect(problems({ PORT: '4243' })).toContain('PORT and SANDBOX_PORT are both 4243')
  expect(problems({ STRIPE_PROXY_PORT: '4242' })).toContain('STRIPE_PROXY_PORT is 4242 like another port')
  expect(problems({ STRIPE_PROXY_PORT: '4243' })).toContain('STRIPE_PROXY_PORT is 4243 like another port')
  expect(readConfig({ STRIPE_PROXY_PORT: '0', PORT: '0' }).STRIPE_PROXY_PORT).toBe(0)
  expect(problems({ PORT: '0', SANDBOX_PORT: '0' })).toBe('')
  expect(problems({ ...real, PORT: '4243' })).toBe('')
})

test('keys of two modes are refused', () => {
  expect(problems({ ...real, STRIPE_PUBLISHABLE_KEY: 'pk_live_abcdefgh12345678' })).toContain(
    'both must be of one mode',
  )
})

test.each(['http://127.0.0.1:4243', 'https://localhost:4243', 'http://stripe.example.com'])(
  'a live key is not sent to %s',
  (base) => {
    const live = {
      ...real,
      STRIPE_SECRET_KEY: 'sk_live_abcdefgh12345678',
      STRIPE_PUBLISHABLE_KEY: 'pk_live_abcdefgh12345678',
    }
    expect(readConfig(live).stripe?.mode).toBe('live')
    expect(problems({ ...live, STRIPE_API_BASE: base })).toContain('a live key is never sent to a sandbox')
  },
)

test('every problem is told at once, and no secret is repeated', () => {
  const text = problems({ PORT: '99999', CLIENT_READS: 'all', STRIPE_SECRET_KEY: 'pk_test_wrongkindofkey' })
  expect(text).toContain('PORT must be a port number')
  expect(text).toContain('CLIENT_READS must be pinned or open')
  expect(text).toContain('STRIPE_SECRET_KEY must look like')
  expect(text).not.toContain('wrongkindofkey')
})

test('an empty setting counts as unset', () => {
  expect(readConfig({ STRIPE_SECRET_KEY: '', PORT: ' ' })).toMatchObject({ PORT: 4242, stripe: null })
})
