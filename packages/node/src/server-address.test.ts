/** The server's address, and the paths below it. */
import { expect, test } from 'vitest'
import { parseServerAddress } from './server-address.ts'

const address = parseServerAddress('https://pay.example.com/tollbridge/')

test.each([
  ['/v1/payments', 'https://pay.example.com/tollbridge/v1/payments'],
  [
    "/v1/events?where=id%20%3D%20'ch_1'",
    'https://pay.example.com/tollbridge/v1/events?where=id%20%3D%20%27ch_1%27',
  ],
  [
    '/v1/stripe/v1/customers/cus%2F..%2Fx?a[b]=c',
    'https://pay.example.com/tollbridge/v1/stripe/v1/customers/cus%2F..%2Fx?a[b]=c',
  ],
])('%s lies below it', (path, url) => {
  expect(address.resolve(path).href).toBe(url)
})

test.each([
  'v1',
  '//evil.example/x',
  '@evil.example/',
  '.evil.example/',
  '/v1/../../x',
  '/v1/%2e%2e/x',
  '/v1\\x',
  '/v1\nx',
  '/v1#x',
  '/a b',
])('%j is refused', (path) => {
  expect(() => address.resolve(path)).toThrow(TypeError)
})
