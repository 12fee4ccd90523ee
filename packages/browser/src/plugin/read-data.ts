/** Reads the data of the plugin's messages, in all the spellings that Slingr's pages have. */
import { misuse } from '../tollbridge-error.ts'

type Given = Readonly<Record<string, unknown>>

/** @throws TollbridgeError naming `data` */
export function readObject(data: unknown): Given {
  if (typeof data === 'object' && data !== null) return data as Given
  throw misuse('parameter_missing', 'data must be an object.', 'data')
}

/** `publicKey`, which Slingr's page also spells `publickKey`. Undefined: the app's own. */
export function readPublicKey(data: Given): string | undefined {
  const key = data['publicKey'] ?? data['publickKey'] ?? ''
  if (typeof key === 'string') return key || undefined
  throw misuse('parameter_invalid', 'data.publicKey must be a publishable key (pk_…).', 'publicKey')
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
