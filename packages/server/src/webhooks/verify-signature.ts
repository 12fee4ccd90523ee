/** Checks a Stripe-Signature header against the raw body: by hand, since it runs once for every delivery. */
import { createHmac, timingSafeEqual } from 'node:crypto'

export interface SignedDelivery {
  /** The bytes as they came; parsing and writing them again would break the signature. */
  readonly rawBody: Uint8Array
  /** `t=<seconds>,v1=<hex>[,v1=<hex>…]`; several `v1` while Stripe rolls a secret. */
  readonly header: string | null
  /** Any of them may have signed: several while an operator rolls one. Used whole, `whsec_` included. */
  readonly secrets: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
  /** How far the signature's time may be from `now`, both ways. */
  readonly toleranceSeconds: number
  /** How far `now` is ahead of Stripe's own clock, in milliseconds; null or absent: not known. */
  readonly skewMs?: number | null
}

export type SignatureOutcome =
  | { readonly valid: true }
  /** `reason`: a sentence for whoever set up the endpoint. */
  | { readonly valid: false; readonly reason: string }

/**
 * As `stripe.webhooks.signature.verifyHeader`, with two differences: a time in the future is bounded as well, and the
 * time must be plain digits.
 */
export function verifySignature(delivery: SignedDelivery): SignatureOutcome {
  const { rawBody, header, secrets, now, toleranceSeconds, skewMs = null } = delivery
  if (header === null) return refused('The Stripe-Signature header is missing.')
  const { timestamp, signatures } = parseHeader(header)
  if (timestamp === null) return refused('The Stripe-Signature header has no time (t=<seconds>).')
  if (signatures.length === 0) return refused('The Stripe-Signature header has no v1 signature.')

  const age = Math.floor(now / 1000) - Number(timestamp)
  if (Math.abs(age) > toleranceSeconds) {
    const when = `The signature was made ${Math.abs(age)} s ${age > 0 ? 'ago' : 'in the future'} and at most ${toleranceSeconds} s are allowed: `
    return refused(when + causeOf(skewMs, toleranceSeconds))
  }
  const isSigned = secrets.some((secret) => {
    // An empty key would make a signature that anyone can make.
    if (secret === '') return false
    const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(rawBody).digest('hex')
    return signatures.some((signature) => isSame(signature, expected))
  })
  return isSigned
    ? { valid: true }
    : refused(
        'No signing secret of this endpoint fits the signature: check STRIPE_WEBHOOK_SECRET, and that nothing on the way changes the body.',
      )
}

/** A clock that is wrong refuses what Stripe signs now; one that is right refuses what is old. */
function causeOf(skewMs: number | null, toleranceSeconds: number): string {
  const skew = skewMs === null ? 0 : Math.round(skewMs / 1000)
  if (skewMs === null) return 'check the clock of this machine.'
  return Math.abs(skew) > toleranceSeconds
    ? `the clock of this machine is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} Stripe's, which is the cause; set it right (NTP).`
    : 'the clock of this machine agrees with Stripe’s, so the delivery is old or was sent again by somebody.'
}

const DIGITS = /^\d{1,12}$/

/** The last `t` counts, and every `v1`; other schemes (`v0` is a fake for tests) are passed over. */
function parseHeader(header: string): { timestamp: string | null; signatures: readonly string[] } {
  let timestamp: string | null = null
  const signatures: string[] = []
  for (const item of header.split(',')) {
    if (item.startsWith('v1=')) signatures.push(item.slice(3))
    else if (/^t(=|$)/.test(item)) timestamp = DIGITS.test(item.slice(2)) ? item.slice(2) : null
  }
  return { timestamp, signatures }
}

function isSame(signature: string, expected: string): boolean {
  const given = Buffer.from(signature)
  const wanted = Buffer.from(expected)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function refused(reason: string): SignatureOutcome {
  return { valid: false, reason }
}
