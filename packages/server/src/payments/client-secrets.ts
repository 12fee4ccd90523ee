/** Whether a client secret is that of a payment. Stripe is asked once for each payment; kept are digests. */
import { createHash } from 'node:crypto'
import { ServiceError } from '../errors.ts'
import type { LoadIntent } from './load-intent.ts'
import { isEqual } from './payer-keys.ts'

export interface ClientSecrets {
  /** Throws ServiceError while Stripe cannot be asked. */
  fits(
    of: { readonly appId: string; readonly account: string },
    paymentIntentId: string,
    secret: string,
  ): Promise<boolean>
}

/** Payments whose secret is remembered; it never changes. */
const MOST_KEPT = 10_000

export function createClientSecrets(loadIntent: LoadIntent): ClientSecrets {
  const kept = new Map<string, string>()
  return {
    async fits(of, paymentIntentId, secret) {
      // A secret begins with the id of its payment, so that a wrong one costs no call.
      if (!secret.startsWith(`${paymentIntentId}_secret_`)) return false
      const name = JSON.stringify([of.appId, of.account, paymentIntentId])
      const known = kept.get(name) ?? (await read(of, paymentIntentId))
      if (known === null) return false
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '')
      kept.set(name, known)
      return isEqual(known, digest(secret))
    },
  }

  async function read(of: Parameters<LoadIntent>[0], id: string): Promise<string | null> {
    try {
      const { client_secret } = await loadIntent(of, id)
      return client_secret === null ? null : digest(client_secret)
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'resource_missing') return null
      throw error
    }
  }
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
