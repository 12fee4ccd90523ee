/** Which intent a client secret belongs to. */

export interface ClientSecretParts {
  id: string
  kind: 'payment_intent' | 'setup_intent'
}

/** Undefined for what is no client secret. */
export function clientSecretParts(secret: unknown): ClientSecretParts | undefined {
  const match = typeof secret === 'string' ? /^((pi|seti)_\w+?)_secret_\w+$/.exec(secret) : null
  if (!match?.[1]) return undefined
  return { id: match[1], kind: match[2] === 'pi' ? 'payment_intent' : 'setup_intent' }
}
