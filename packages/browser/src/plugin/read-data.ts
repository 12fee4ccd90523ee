/** Reads the data of the plugin's messages, in all the spellings that Slingr's pages have. */
import { misuse } from '../tollbridge-error.ts'

type Given = Readonly<Record<string, unknown>>

/** @throws TollbridgeError naming `data` */
export function readObject(data: unknown): Given {
  if (typeof data === 'object' && data !== null) return data as Given
  throw misuse('parameter_missing', 'data must be an object.', 'data')
}

/**
 * What `page.stripe` takes: `publicKey`, which Slingr's page also spells `publickKey`, and `stripeAccount`, where the
 * intent is of a connected account. Empty: the app's own.
 */
export function readStripe(data: Given): [publicKey: string, stripeAccount: string] {
  const key = data['publicKey'] ?? data['publickKey'] ?? ''
  const account = data['stripeAccount'] ?? ''
  return [text('publicKey', 'pk', key), text('stripeAccount', 'acct', account)]
}

/** Named, not repeated. */
function text(field: string, prefix: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw misuse('parameter_invalid', `data.${field} must be a text (${prefix}_…).`, field)
}

/**
 * A client secret, alone or in its intent.
 * @throws TollbridgeError naming the field, never repeating the value
 */
export function readSecret(data: Given, field: string, prefix: 'seti' | 'pi'): string {
  const given = data[field]
  const secret = typeof given === 'object' && given !== null ? (given as Given)['client_secret'] : given
  if (typeof secret === 'string' && new RegExp(`^${prefix}_\\w+_secret_\\w+$`).test(secret)) return secret
  const kind = prefix === 'seti' ? 'SetupIntent' : 'PaymentIntent'
  throw misuse(
    secret ? 'parameter_invalid' : 'parameter_missing',
    `data.${field} must be a ${kind}, or its client secret (${prefix}_…_secret_…).`,
    field,
  )
}
