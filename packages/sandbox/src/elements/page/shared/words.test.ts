/** The elements' languages: chosen as Stripe.js does, and complete. */
import { describe, expect, test } from 'vitest'
import { readNumber } from './card-fields.ts'
import { languageFor, readerIn } from './words.ts'
import { LANGUAGES } from './words-by-language.ts'

describe('the language', () => {
  test.each([
    ['de', ['en-US'], 'de'],
    ['fr-CA', ['en-US'], 'fr-CA'],
    ['es-419', [], 'es-419'],
    ['auto', ['it-IT', 'en'], 'it-IT'],
    [undefined, ['ja'], 'ja'],
    ['auto', ['xx', 'nl'], 'nl'],
    ['fil', ['pt-BR'], 'pt-BR'],
    ['fil', ['th'], 'en'],
    ['constructor', [], 'en'],
  ])('of %s in a browser that speaks %j is %s', (locale, browser, expected) => {
    expect(languageFor(locale, browser).locale).toBe(expected)
  })

  test('every one has all words, and all the same problems', () => {
    const { en, de, ...others } = LANGUAGES
    for (const [name, words] of Object.entries({ de, ...others })) {
      expect(Object.keys(words ?? {}), name).toEqual(Object.keys(en ?? {}))
      expect(Object.keys(words?.problems ?? {}), name).toEqual(Object.keys(de?.problems ?? {}))
      expect(
        Object.values(words?.problems ?? {}).filter((text) => text.trim() === ''),
        name,
      ).toEqual([])
    }
  })
})

test('a field speaks it, with the same codes', () => {
  const read = readerIn(languageFor('de', []), readNumber)
  expect(read('4242', false).problem).toEqual({
    type: 'validation_error',
    code: 'incomplete_number',
    message: 'Ihre Kartennummer ist unvollständig.',
  })
  expect(read('4242424242424242', false).problem).toBeUndefined()
})
