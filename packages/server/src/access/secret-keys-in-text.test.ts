import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeOperatorKey, makeServerKey } from './api-keys.ts'
import { holdsSecretKey, withoutKeys } from './secret-keys-in-text.ts'

const KEY = `tbk_${'k'.repeat(43)}`

test.each([
  `/app_1/${KEY}/data/StripeEvents`,
  '/app_1/tbk_short/info',
  `/v1/events?client_key=${KEY}`,
  '/v1/stream?key=tbo_operator',
  `/v1/events?where=${encodeURIComponent(`x = '${KEY}'`)}`,
  `/v1/events?authorization=${encodeURIComponent(`Bearer ${KEY}`)}`,
  '/app_1/%74bk_abc/info',
  '/app_1/%2574bk_abc/info',
  `/v1/events?x=%252574bk_${'k'.repeat(43)}`,
  `/v1/events?${KEY}`,
])('%s carries a secret key', (url) => {
  expect(holdsSecretKey(url)).toBe(true)
})

test.each([
  '/',
  '/app_1/tbc_client/data/StripeEvents?where=orderId%20%3D%20%27my-tbk_5%27',
  '/v1/admin/apps/app_1/server_keys/key_0123456789abcdef',
  '/v1/events?limit=3&where=id%20%3D%20%27ch_1%27',
  '/v1/%E0%A4%A/tb',
])('%s carries none', (url) => {
  expect(holdsSecretKey(url)).toBe(false)
})

test('keys that we make are found in every path and every query, and never said', () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const make = fc.constantFrom(makeServerKey, makeOperatorKey)
  fc.assert(
    fc.property(bytes, make, fc.string({ maxLength: 5 }), (random, makeKey, around) => {
      const key = makeKey(() => random)
      const noise = encodeURIComponent(around.replace(/[^ -~]/g, '-'))
      expect(holdsSecretKey(`/v1/${noise}${encodeURIComponent(key)}/x`)).toBe(true)
      expect(holdsSecretKey(`/v1/x?a=${noise}${encodeURIComponent(key)}`)).toBe(true)
      expect(withoutKeys(`There is no ${key} here`)).not.toContain(key.slice(5, 20))
    }),
  )
})

test('what is said of a key is its prefix', () => {
  expect(withoutKeys(`${KEY}, sk_live_abc, tbc_0123 and whsec_x`)).toBe('tbk_…, sk_live_…, tbc_… and whsec_…')
})
