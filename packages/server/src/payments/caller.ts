/** Who asks for a payment, from where, under which key, and what he shows to be its payer. */
import type { CustomerId } from '../access/customer-token.ts'
import type { Principal } from '../access/principal.ts'
import { ServiceError } from '../errors.ts'

export interface Caller {
  readonly principal: Principal
  readonly address: string | null
  readonly clientKey: string | null
  readonly captcha: string | null
  /** The header `Idempotency-Key`, checked. */
  readonly callerKey: string | null
  /** The connected account, or an empty text. */
  readonly account: string
  /** For whom it acts, by the customer token that it shows. */
  readonly customer: CustomerId | null
  readonly shown: ShownProofs
  /** Its client sends the same bytes again by itself when a connection ends without an answer. */
  readonly repeatsItself?: boolean
}

/** Beside the watch token, which the principal has, and the `Idempotency-Key`. */
export interface ShownProofs {
  /** The header `Tollbridge-Payer-Key`, checked. */
  readonly payerKey: string | null
  /** `pi_…_secret_…` */
  readonly clientSecret: string | null
  /** Compact JWS. */
  readonly quote: string | null
  /** The card of the request, which counts as a proof where it is a single-use token. */
  readonly card: string | null
}

export const NOTHING_SHOWN: ShownProofs = { payerKey: null, clientSecret: null, quote: null, card: null }

/** Throws `server_key_required`. */
export function assertMayPay(principal: Principal): void {
  if (principal.role !== 'watch') return
  throw new ServiceError('server_key_required', {
    message: 'A watch token only watches; charge with the client key or a server key.',
  })
}
