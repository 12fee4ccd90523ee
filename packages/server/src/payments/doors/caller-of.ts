/** Reads who asks for a payment from the request: the key, the connected account, the address, the idempotency key. */
import type { FastifyRequest } from 'fastify'
import type { Principal } from '../../access/principal.ts'
import { ServiceError } from '../../errors.ts'
import { idempotencyKeyHeader } from '../../http/idempotency-key.ts'
import type { Caller } from '../caller.ts'
import { CUSTOMER_TOKEN_HEADER, type ReadCustomer } from './acting-customer.ts'
import { headersOf, shownInHeaders } from './shown-proofs.ts'

export interface CallerDeps {
  authenticate(request: FastifyRequest): Promise<Principal>
  readonly readCustomer: ReadCustomer
}

/** Throws what authentication throws, and about each header that cannot be used. */
export async function callerOf(
  request: FastifyRequest,
  { authenticate, readCustomer }: CallerDeps,
): Promise<Caller> {
  const principal = await authenticate(request)
  return {
    principal,
    account: accountOf(request, principal),
    address: request.ip,
    clientKey: principal.role === 'client' ? bearer(request) : null,
    captcha: null,
    callerKey: idempotencyKeyHeader(header(request, 'idempotency-key')),
    customer: await readCustomer(principal.appId, header(request, CUSTOMER_TOKEN_HEADER)),
    shown: shownInHeaders(headersOf(request)),
  }
}

function accountOf(request: FastifyRequest, principal: Principal): string {
  const account = header(request, 'stripe-account')
  if (account === null) return ''
  if (!/^acct_\w{1,250}$/.test(account)) {
    throw new ServiceError('parameter_invalid', {
      message: 'The header Stripe-Account must be the id of a connected account, acct_….',
      param: 'Stripe-Account',
    })
  }
  assertServer(principal, 'The header Stripe-Account')
  return account
}

/** @param what begins the sentence, such as `Refunding`. Throws `server_key_required`. */
export function assertServer(
  principal: Principal,
  what: string,
): asserts principal is Extract<Principal, { role: 'server' }> {
  if (principal.role === 'server') return
  throw new ServiceError('server_key_required', {
    message: `${what} takes a server key (tbk_…), which stays on the app's own server.`,
  })
}

function bearer(request: FastifyRequest): string | null {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}

function header(request: FastifyRequest, name: string): string | null {
  return headersOf(request)(name)
}
