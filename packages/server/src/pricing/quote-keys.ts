/** Quote keys: secrets that an app's own server signs prices with. No row holds one: they are derived. */
import { hkdfSync } from 'node:crypto'
import type { ChangedBy } from '../access/actor.ts'
import type { RandomBytes } from '../access/api-keys.ts'
import type { AppId } from '../access/principal.ts'
import type { PriceStore, QuoteKeyRecord } from '../store/price-store.ts'

export interface QuoteKey extends QuoteKeyRecord {
  /** `tbq_…`; its UTF-8 bytes are the HS256 key. */
  readonly secret: string
}

export interface QuoteKeys {
  /** All that verify now; the first signs. None before the first was made. */
  current(appId: AppId): Promise<readonly QuoteKey[]>
  /** Makes the key that signs from now on; all others verify for `overlapMs` more at the longest. */
  rotate(appId: AppId, overlapMs: number, by: ChangedBy): Promise<QuoteKey>
}

export interface QuoteKeysDeps {
  readonly prices: Pick<PriceStore, 'quoteKeys' | 'addQuoteKey'>
  /** 32 secret bytes of the app, sealed at rest. */
  signingKey(appId: AppId): Uint8Array
  readonly random: RandomBytes
  now(): number
}

export function createQuoteKeys({ prices, signingKey, random, now }: QuoteKeysDeps): QuoteKeys {
  const withSecret = (record: QuoteKeyRecord): QuoteKey => ({
    ...record,
    secret: deriveSecret(signingKey(record.appId), record.keyId),
  })
  return {
    async current(appId) {
      return (await prices.quoteKeys(appId, now())).map(withSecret)
    },
    async rotate(appId, overlapMs, by) {
      const keyId = `qk_${Buffer.from(random(9)).toString('base64url')}` as const
      const record = { keyId, appId, createdAt: now(), retiresAt: null }
      await prices.addQuoteKey(record, now() + overlapMs, {
        ...by,
        at: record.createdAt,
        appId,
        action: 'quote_key.created',
        target: keyId,
        details: { overlap_seconds: overlapMs / 1000 },
      })
      return withSecret(record)
    },
  }
}

function deriveSecret(signingKey: Uint8Array, keyId: string): string {
  const bytes = hkdfSync('sha256', signingKey, '', `tollbridge quote key ${keyId}`, 32)
  return `tbq_${Buffer.from(bytes).toString('base64url')}`
}
