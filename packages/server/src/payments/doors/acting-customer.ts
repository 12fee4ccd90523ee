/** The customer that a caller acts for, as the header `Tollbridge-Customer-Token` proves. */
import type { CustomerId, CustomerTokens } from '../../access/customer-token.ts'
import type { AppId } from '../../access/principal.ts'
import { ServiceError } from '../../errors.ts'
import type { Caller } from '../caller.ts'

export const CUSTOMER_TOKEN_HEADER = 'tollbridge-customer-token'

/** @returns null where no token is shown. Throws `customer_token_invalid` or `customer_token_expired`. */
export type ReadCustomer = (appId: AppId, token: string | null) => Promise<CustomerId | null>

export function createReadCustomer(tokens: Pick<CustomerTokens, 'read'>): ReadCustomer {
  return async (appId, token) => {
    if (token === null) return null
    const read = await tokens.read(appId, token)
    if (read.outcome === 'valid') return read.customer
    if (read.outcome === 'expired') {
      throw new ServiceError('customer_token_expired', {
        message: 'The customer token has expired; ask the app’s server for a new one.',
      })
    }
    throw new ServiceError('customer_token_invalid', {
      message: 'The customer token is not one of this app; ask the app’s server for a new one.',
    })
  }
}

/**
 * The app's own server may name any customer, a client the one of its token.
 * @param what begins the sentence, such as `The field customer`. Throws `customer_token_required`.
 */
export function assertActsFor(
  { principal, customer }: Pick<Caller, 'principal' | 'customer'>,
  named: string,
  what: string,
): void {
  if (principal.role === 'server' || customer === named) return
  throw new ServiceError('customer_token_required', {
    message: `${what} takes a server key, or with a client key a token of that very customer (header Tollbridge-Customer-Token), which the app’s server makes with POST /v1/customers/<id>/token.`,
  })
}

/** Throws `customer_token_required` for a client that shows no token. @returns the customer; null for a server key */
export function requireCustomer(
  { principal, customer }: Pick<Caller, 'principal' | 'customer'>,
  what: string,
): CustomerId | null {
  if (customer === null) assertActsFor({ principal, customer }, '', what)
  return principal.role === 'server' ? null : customer
}
