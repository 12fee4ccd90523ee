import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CUT_PART, cutTooDeep, DEEPEST_EVENT, isTooDeep, readStoredJson } from './stored-json.ts'

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

test('what is nested deeper is read as words, the rest as it is', () => {
  const text = `{"id":"evt_1","deep":${nested(50_000)},"after":[1,{"a":"[[[{\\"[["}]}`
  const read = readStoredJson(text) as Record<string, unknown>
  expect(read).toMatchObject({ id: 'evt_1', after: [1, { a: '[[[{"[[' }] })
  expect(JSON.stringify(read)).toContain(CUT_PART)
})

test('as deep as allowed is whole', () => {
  expect(isTooDeep(nested(DEEPEST_EVENT))).toBe(false)
  expect(isTooDeep(nested(DEEPEST_EVENT + 1))).toBe(true)
  expect(JSON.stringify(readStoredJson(nested(DEEPEST_EVENT)))).toBe(nested(DEEPEST_EVENT))
})

test('any JSON of use is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => {
      const text = JSON.stringify(value)
      expect(isTooDeep(text)).toBe(false)
      expect(readStoredJson(text)).toEqual(JSON.parse(text))
      expect(cutTooDeep(value)).toEqual(value)
    }),
  )
})
