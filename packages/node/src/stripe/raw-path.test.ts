/** The paths of raw calls. */
import { expect, test } from 'vitest'
import { readRawPath } from './raw-path.ts'

test.each(['/v1/customers', '/v1/customers/cus_1/sources', '/v2/core/events', '/v1/customers/a%20b'])(
  '%s is let through as it is',
  (path) => {
    expect(readRawPath('get', path)).toEqual({ path, query: '' })
  },
)

test('a query stays', () => {
  expect(readRawPath('get', '/v1/customers?limit=3&expand[]=a?b')).toEqual({
    path: '/v1/customers',
    query: 'limit=3&expand[]=a?b',
  })
})

test.each([
  'https://evil.example/v1/customers',
  '//evil.example/v1/x',
  '/v1/../admin',
  '/v1/%2e%2e/admin',
  '/v1/.%2E/admin',
  '/v1//customers',
  '/v1/customers\r\nX: y',
  '/v1/customers#x',
  '/v1/a\\b',
  '/v1/100%',
  '/v1',
  '/v3/customers',
  'v1/customers',
  '/customers',
  '',
  undefined,
  7,
])('%s is refused', (path) => {
  expect(() => readRawPath('get', path)).toThrow(/starts with \/v1\/ or \/v2\//)
})
