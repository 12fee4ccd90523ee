/** Decodes the bodies and query strings that Stripe's clients send: `a[b][0]=…`, `a[]=…`. */
import qs from 'qs'
import { invalidRequest } from './stripe-error.ts'

/** What a form decodes to: text, lists and objects without a prototype. */
export type FormValue = string | FormValue[] | { [key: string]: FormValue }
export type Form = { [key: string]: FormValue }

/** @throws StripeError 400 when the text nests deeper or names more parameters than any call of Stripe's. */
export function decodeForm(text: string): Form {
  try {
    return qs.parse(text, {
      plainObjects: true,
      duplicates: 'last',
      depth: 8,
      strictDepth: true,
      arrayLimit: 200,
      parameterLimit: 2000,
      throwOnLimitExceeded: true,
    }) as Form
  } catch {
    throw invalidRequest('The request has too many parameters, or nests them too deeply.')
  }
}

/** A form in one canonical text, whatever order its parameters came in. */
export function canonicalForm(value: FormValue): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalForm).join(',')}]`
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalForm(inner)}`).join(',')}}`
}
