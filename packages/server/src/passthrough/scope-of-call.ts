/** Which scope of a server key a call to Stripe takes, as far as the default rules let it through (docs/decisions/0013). */
import type { Scope } from '../access/scopes.ts'
import { decide, ownRules } from './rules.ts'

/** What gives money back. Written as refusals, so that no spelling of a path walks around them. */
const REFUNDING = ownRules([
  '!* /v1/refunds*',
  '!* /v1/charges/*/refund*',
  '!* /v1/credit_notes*',
  '!* /v1/application_fees/*/refund*',
  '!* /v1/transfers/*/reversals*',
  '!* /v1/terminal/readers/*/refund_payment*',
  '!* /v1/test_helpers/refunds*',
])

export function scopeOfCall(method: string, path: string): Scope {
  if (method === 'GET' || method === 'HEAD') return 'read'
  const verdict = decide(REFUNDING, method, path)
  return !verdict.isAllowed && verdict.rule !== null ? 'refunds' : 'payments'
}
