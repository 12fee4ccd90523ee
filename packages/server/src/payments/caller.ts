/** Who asks for a payment, from where, and under which key. */
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
}

/** Who asks, as far as his key tells. */
export function askerOf({ principal, clientKey }: Pick<Caller, 'principal' | 'clientKey'>): string {
  return `${principal.role} ${clientKey ?? ''}`
}

/** Throws `server_key_required`. */
export function assertMayPay(principal: Principal): void {
  if (principal.role !== 'watch') return
  throw new ServiceError('server_key_required', {
    message: 'A watch token only watches; charge with the client key or a server key.',
  })
}
