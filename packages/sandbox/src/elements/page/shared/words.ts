/** The words of the elements in the customer's language. */
import type { ReadField } from './field-reading.ts'
import type { FieldError } from './stripe-js-error.ts'
import { LANGUAGES, type Words } from './words-by-language.ts'

export interface Language extends Words {
  /** For `lang` and for Intl. */
  locale: string
}

/** Of a locale that is not spoken here, or is 'auto', the browser's languages decide; English speaks to the rest. */
export function languageFor(locale: string | undefined, browser: readonly string[]): Language {
  const wanted = locale === undefined || locale === 'auto' || !isSpoken(locale) ? browser : [locale]
  const found = wanted.find(isSpoken) ?? 'en'
  return { locale: found, ...(LANGUAGES[languageOf(found)] as Words) }
}

/** The problem in that language; those without a translation stay as they are. */
export function problemIn(words: Words, problem: FieldError): FieldError {
  const message = words.problems[problem.code]
  return message === undefined ? problem : { ...problem, message }
}

/** A field's reader that speaks the language. */
export function readerIn(words: Words, read: ReadField): ReadField {
  return (raw, deleting) => {
    const reading = read(raw, deleting)
    return reading.problem ? { ...reading, problem: problemIn(words, reading.problem) } : reading
  }
}

function isSpoken(locale: string): boolean {
  return Object.hasOwn(LANGUAGES, languageOf(locale))
}

function languageOf(locale: string): string {
  return (locale.split('-')[0] ?? '').toLowerCase()
}
