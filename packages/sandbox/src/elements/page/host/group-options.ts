/** Checks what a page passes to stripe.elements(). */
import { clientSecretParts } from '../shared/client-secret.ts'
import type { Options } from './host-element.ts'
import { IntegrationError } from './integration-error.ts'

const CHOICES: readonly (readonly [path: string, values: readonly string[]])[] = [
  ['mode', ['payment', 'setup', 'subscription']],
  ['loader', ['auto', 'always', 'never']],
  ['appearance.theme', ['stripe', 'night', 'flat', 'none']],
  ['appearance.labels', ['auto', 'above', 'floating']],
  ['appearance.inputs', ['spaced', 'condensed']],
]

/** @throws IntegrationError that names the option. */
export function checkGroupOptions(options: Options): void {
  const { clientSecret, mode, amount, currency, locale } = options
  if ('paymentMethodTypes' in options) {
    throw new IntegrationError(
      'Invalid elements() parameter: paymentMethodTypes is no longer supported. Use allowedPaymentMethodTypes instead.',
    )
  }
  if (clientSecret !== undefined && clientSecret !== null && !clientSecretParts(clientSecret)) {
    throw invalid('clientSecret should be a client secret such as pi_…_secret_….')
  }
  for (const [path, values] of CHOICES) checkChoice(options, path, values)
  if (locale !== undefined && locale !== null && typeof locale !== 'string') {
    throw invalid(`locale should be a string such as 'auto' or 'de'. You specified: ${String(locale)}.`)
  }
  checkFonts(options['fonts'])
  if (mode === undefined) return
  if (clientSecret)
    throw new IntegrationError('Invalid elements() parameters: use clientSecret or mode, not both.')
  if (mode === 'payment' && (!Number.isInteger(amount) || Number(amount) <= 0)) {
    throw invalid('amount should be a positive integer in minor units.')
  }
  if (mode !== 'setup' && typeof currency !== 'string') {
    throw invalid('currency should be a three-letter code.')
  }
}

function checkChoice(options: Options, path: string, values: readonly string[]): void {
  const value = path
    .split('.')
    .reduce<unknown>((at, key) => (at === undefined || at === null ? at : (at as Options)[key]), options)
  if (value === undefined || value === null || values.includes(String(value))) return
  throw invalid(`${path} should be one of ${values.join(', ')}. You specified: ${String(value)}.`)
}

/** They are checked, and no more: the sandbox's frames load nothing, so a font of the system takes their place. */
function checkFonts(fonts: unknown): void {
  if (fonts === undefined || fonts === null) return
  if (!Array.isArray(fonts)) throw invalid('fonts should be an array.')
  for (const [index, font] of fonts.entries()) {
    const { cssSrc, family, src } = (font ?? {}) as Options
    const byCss = typeof cssSrc === 'string' && cssSrc !== ''
    const byFile = typeof family === 'string' && typeof src === 'string'
    if (!byCss && !byFile) throw invalid(`fonts[${index}] should have a cssSrc, or a family and a src.`)
  }
}

function invalid(what: string): IntegrationError {
  return new IntegrationError(`Invalid value for elements(): ${what}`)
}
