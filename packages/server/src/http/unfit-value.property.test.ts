import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEEPEST_REQUEST, findUnfit, STRICT } from './unfit-value.ts'

/** Any text that JSON can spell: half surrogates, NUL and all. */
const anyText = fc.string({ unit: 'binary', maxLength: 12 })
const anyJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.oneof(anyText, fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 4 }),
  ),
})).value

const bad = fc.constantFrom('\0', '\ud800', 'a\udc00b', '\u0007', '\x7f')
const fitName = fc.stringMatching(/^[a-z]{1,8}$/).filter((name) => !/return_?url/i.test(name))

test('what passes can be written, read back, and holds no forbidden character anywhere', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      if (findUnfit(value, STRICT) !== null) return
      const text = JSON.stringify(value)
      expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text)
      // JSON writes exactly these as escapes; tab and line ends have short ones.
      expect(text).not.toMatch(/\\u00(?:0[0-8bcef]|1)|\\ud[89a-f]|\x7f/i)
    }),
    { numRuns: 500 },
  )
})

test('one bad text is found wherever it stands, and named by its path', () => {
  fc.assert(
    fc.property(fc.array(fitName, { minLength: 1, maxLength: 8 }), bad, (names, text) => {
      const value = names.reduceRight<unknown>((inner, name) => ({ a1: 'fine', [name]: inner, z1: 1 }), text)
      expect(findUnfit(value, STRICT)?.path).toBe(names.join('.'))
    }),
  )
})

test('a bad name is found, and its place is the object that holds it', () => {
  fc.assert(
    fc.property(fc.array(fitName, { maxLength: 5 }), bad, (names, text) => {
      const value = names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), { [text]: 'x' })
      const found = findUnfit(value, STRICT)
      expect(found?.path).toBe(names.join('.'))
      expect(found?.problem).not.toContain(text)
    }),
  )
})

test('any depth is decided without exhausting the stack', () => {
  const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`)
  expect(findUnfit(nested(DEEPEST_REQUEST), STRICT)).toBeNull()
  expect(findUnfit(nested(DEEPEST_REQUEST + 1), STRICT)?.problem).toContain('deeper than 32')
  expect(findUnfit(nested(50_000), STRICT)?.problem).toContain('deeper than 32')
})

describe('names that mean something to JavaScript', () => {
  test.each([
    '{"__proto__": 1}',
    '{"metadata": {"__proto__": {"a": 1}}}',
    '{"constructor": {"prototype": {}}}',
  ])('%s is refused', (text) => expect(findUnfit(JSON.parse(text), STRICT)).not.toBeNull())
  test.each(['{"constructor": "ACME Builders"}', '{"toString": "x", "hasOwnProperty": "y"}'])(
    '%s is text like any other',
    (text) => expect(findUnfit(JSON.parse(text), STRICT)).toBeNull(),
  )
})

test('a text may have lines, an id may not', () => {
  expect(findUnfit({ description: 'one\ntwo\tthree' }, STRICT)).toBeNull()
  expect(findUnfit({ order_id: 'one\ntwo' }, STRICT)?.path).toBe('order_id')
  expect(findUnfit({ items: [{ id: 'a\nb' }] }, STRICT)?.path).toBe('items.0.id')
  expect(findUnfit({ amount: Number.POSITIVE_INFINITY }, STRICT)?.path).toBe('amount')
})

describe('return_url', () => {
  const schemes = { returnUrlSchemes: ['myshop', 'com.example.shop'] }
  test.each([
    'https://shop.example.com/done?order=1',
    'http://localhost:3000/done',
    'http://127.0.0.1/done',
    'http://[::1]:8080/done',
    'http://shop.localhost/',
    'myshop://done',
    'com.example.shop:/done',
  ])('%s is taken', (url) => expect(findUnfit({ return_url: url }, schemes)).toBeNull())
  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,<script>1</script>',
    'blob:https://shop.example.com/1',
    'http://shop.example.com/done',
    'http://127.0.0.1.example.com/',
    'othershop://done',
    'https://a/\ud800',
    'shop/done',
    '//shop.example.com',
    'https:shop.example.com',
    'https:/shop.example.com',
    'https:\\\\shop.example.com',
    'https://shop.example.com@evil.example/',
    'http://user:word@localhost/',
  ])('%j is refused', (url) => {
    expect(findUnfit({ return_url: url }, schemes)?.path).toBe('return_url')
    expect(findUnfit({ data: { returnUrl: url } }, schemes)?.path).toBe('data.returnUrl')
  })
})
