/** Quotes: prices that the app's own server has signed, as compact JWS (HS256). docs/prices.md is their format. */
import { LONGEST_QUOTE } from '@tollbridge/protocol'
import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose'
import { z } from 'zod'
import type { AppId } from '../access/principal.ts'
import { ServiceError } from '../errors.ts'
import type { QuoteKey } from './quote-keys.ts'
import { signedTermFields } from './quote-terms.ts'

const itemSchema = z.object({
  id: z.string().min(1).max(255),
  quantity: z.int().positive(),
  unit_amount: z.int().nonnegative().nullish(),
})

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
  iat: z.number({ error: 'iat must be a time in seconds' }).nonnegative().optional(),
  seq: z.int({ error: 'seq must be a whole number that grows from quote to quote' }).nonnegative().optional(),
  items: z.array(itemSchema, { error: 'items must be a list of ids and quantities' }).max(100).optional(),
  ...signedTermFields,
})

/** What a quote says. Times in seconds since the epoch, as in every JWS. */
export type QuoteClaims = z.output<typeof claimsSchema>

/**
 * Its place in the order of issue: the greater is the newer. In milliseconds since the epoch where a clock makes it.
 * @returns null for a quote without one, which is older than any that has one
 */
export function issueOf({ seq, iat }: Pick<QuoteClaims, 'seq' | 'iat'>): number | null {
  return seq ?? (iat === undefined ? null : Math.round(iat * 1000))
}

/** Longer ones would have to be remembered as used for too long. */
export const LONGEST_QUOTE_SECONDS = 30 * 86_400
/** How far the clock of the app's server may be from ours. */
const CLOCK_SKEW_SECONDS = 60

/** Throws `parameter_invalid` when it says more than a quote can carry. */
export async function signQuote(claims: QuoteClaims, key: QuoteKey): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(claims))
  const quote = await new CompactSign(payload)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: key.keyId })
    .sign(new TextEncoder().encode(key.secret))
  if (quote.length <= LONGEST_QUOTE) return quote
  throw new ServiceError('parameter_invalid', {
    message: `The quote would be longer than ${LONGEST_QUOTE} characters: put less into metadata, or fewer items into one order.`,
    param: claims.metadata === undefined ? 'items' : 'metadata',
  })
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
  // A quote from tomorrow would be newer than all of today's.
  if (claims.data.seq === undefined && (claims.data.iat ?? 0) > now / 1000 + CLOCK_SKEW_SECONDS) {
    throw invalidQuote('it was issued in the future (iat): the clock of the app’s server is ahead of ours')
  }
  return claims.data
}

async function verifiedPayload(quote: string, keys: readonly QuoteKey[]): Promise<unknown> {
  if (quote.length > LONGEST_QUOTE) throw invalidQuote(`it is longer than ${LONGEST_QUOTE} characters`)
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
