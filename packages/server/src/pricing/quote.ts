/** Quotes: prices that the app's own server has signed, as compact JWS (HS256). docs/prices.md is their format. */
import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose'
import { z } from 'zod'
import type { AppId } from '../access/principal.ts'
import { ServiceError } from '../errors.ts'
import type { QuoteKey } from './quote-keys.ts'

const itemSchema = z.object({ id: z.string(), quantity: z.int().positive() })

const claimsSchema = z.object({
  app: z.string({ error: 'app must be the app id' }),
  amount: z.int({ error: 'amount must be a whole number of minor units' }).positive(),
  currency: z
    .string({ error: 'currency must be an ISO code' })
    .regex(/^[a-z]{3}$/, { error: 'currency must be a lowercase ISO code' }),
  order_id: z
    .string({ error: 'order_id must be a text' })
    .min(1)
    .max(255, { error: 'order_id may have at most 255 characters' }),
  jti: z
    .string({ error: 'jti must be a text, once for each quote' })
    .min(1)
    .max(128, { error: 'jti may have at most 128 characters' }),
  exp: z.number({ error: 'exp must be a time in seconds' }).positive(),
  nbf: z.number({ error: 'nbf must be a time in seconds' }).optional(),
  items: z.array(itemSchema, { error: 'items must be a list of ids and quantities' }).max(100).optional(),
})

/** What a quote says. Times in seconds since the epoch, as in every JWS. */
export type QuoteClaims = z.output<typeof claimsSchema>

/** Longer ones would have to be remembered as used for too long. */
export const LONGEST_QUOTE_SECONDS = 30 * 86_400
const LONGEST_TEXT = 8_192
/** How far the clock of the app's server may be from ours. */
const CLOCK_SKEW_SECONDS = 60

export function signQuote(claims: QuoteClaims, key: QuoteKey): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(claims))
  return new CompactSign(payload)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: key.keyId })
    .sign(new TextEncoder().encode(key.secret))
}

/**
 * Checks who signed it and what it says, but not whether it has expired: a quote that was used in time stays good for
 * its order for a while. Throws `quote_invalid` with the reason.
 */
export async function openQuote(
  quote: string,
  appId: AppId,
  keys: readonly QuoteKey[],
  now: number,
): Promise<QuoteClaims> {
  const claims = claimsSchema.safeParse(await verifiedPayload(quote, keys))
  if (!claims.success) {
    const [issue] = claims.error.issues
    throw invalidQuote(`one of its claims is not valid: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { app, exp, nbf } = claims.data
  if (app !== appId) throw invalidQuote('its claim app names another app')
  if (exp > now / 1000 + LONGEST_QUOTE_SECONDS + CLOCK_SKEW_SECONDS) {
    throw invalidQuote('it expires more than 30 days from now')
  }
  if (nbf !== undefined && nbf > now / 1000 + CLOCK_SKEW_SECONDS)
    throw invalidQuote('it is not valid yet (nbf)')
  return claims.data
}

async function verifiedPayload(quote: string, keys: readonly QuoteKey[]): Promise<unknown> {
  if (quote.length > LONGEST_TEXT) throw invalidQuote(`it is longer than ${LONGEST_TEXT} characters`)
  for (const key of candidates(quote, keys)) {
    try {
      const { payload } = await compactVerify(quote, new TextEncoder().encode(key.secret), {
        algorithms: ['HS256'],
      })
      return JSON.parse(new TextDecoder().decode(payload))
    } catch {
      // The next key may fit; which check failed is nobody's business.
    }
  }
  throw invalidQuote('it is not signed (HS256) with a current quote key of this app')
}

/** A quote that names its key is tried with that one alone. */
function candidates(quote: string, keys: readonly QuoteKey[]): readonly QuoteKey[] {
  try {
    const { kid } = decodeProtectedHeader(quote)
    return kid === undefined ? keys : keys.filter(({ keyId }) => keyId === kid)
  } catch {
    throw invalidQuote('it is not a compact JWS')
  }
}

function invalidQuote(why: string): ServiceError {
  return new ServiceError('quote_invalid', {
    message: `The quote cannot be used: ${why}. Ask the app’s server for a new one.`,
    param: 'quote',
  })
}
