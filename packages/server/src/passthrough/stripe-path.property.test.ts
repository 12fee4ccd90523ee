/** Whatever is asked for, what is sent stays below /v1 or /v2, and rules see the path that Stripe sees. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseStripePath } from './stripe-path.ts'

const piece = fc.oneof(
  fc.constantFrom(
    'v1',
    'v2',
    'v3',
    '..',
    '.',
    '%2e',
    '%2E%2e',
    '%252e%252e',
    '%2f',
    '%5c',
    '\\',
    '',
    '%',
    '%00',
  ),
  fc.constantFrom(
    'customers',
    'cus_1',
    '@',
    ':',
    ';',
    '#',
    '?',
    '?a=/../',
    '//',
    'ü',
    '%C3%BC',
    '%25',
    '%ff',
    ' ',
  ),
  fc.string({ maxLength: 5 }),
)
const url = fc.array(piece, { maxLength: 8 }).map((parts) => `/v1/${parts.join('/')}`)

test('a path that is taken stays in the API, in one form', () => {
  fc.assert(
    fc.property(url, (asked) => {
      let parsed: ReturnType<typeof parseStripePath>
      try {
        parsed = parseStripePath(asked)
      } catch {
        return
      }
      const seen = new URL(parsed.target, 'https://api.stripe.com')
      expect(seen.host).toBe('api.stripe.com')
      expect(seen.pathname).toBe(parsed.target.split('?', 1)[0])
      expect(seen.pathname).toMatch(/^\/v[12]\/[^/]/)
      expect(seen.pathname).not.toMatch(/\/\/|\/$/)
      expect(seen.pathname.split('/').map(decodeURIComponent).join('/')).toBe(parsed.text)
    }),
    { numRuns: 5_000 },
  )
})

test('the query passes as it came, but for what no request line may hold', () => {
  expect(parseStripePath('/v1/x?a=%2F&b[]=1&c=a+b?#').target).toBe('/v1/x?a=%2F&b[]=1&c=a+b?%23')
  expect(parseStripePath('/v1/x?q=\u00c3\u00bc').target).toBe('/v1/x?q=%C3%BC')
})
