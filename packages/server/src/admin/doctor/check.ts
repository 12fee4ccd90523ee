/** One finding of the doctor: what was looked at, how it stands, and what to do about it. */

export type CheckStatus = 'ok' | 'warn' | 'fail'

export type CheckName =
  | 'store'
  | 'secrets'
  | 'queue'
  | 'app'
  | 'order_ids'
  | 'stripe_key'
  | 'mode'
  | 'publishable_key'
  | 'account'
  | 'permissions'
  | 'clock'
  | 'webhook_endpoint'
  | 'endpoint_status'
  | 'endpoint_events'
  | 'api_version'
  | 'signing_secret'
  | 'endpoint_url'
  | 'round_trip'

export interface Check {
  readonly name: CheckName
  readonly status: CheckStatus
  /** What was found and what it means, in a sentence. */
  readonly message: string
  /** What to do; null when nothing is to be done. */
  readonly fix: string | null
}

export function ok(name: CheckName, message: string): Check {
  return { name, status: 'ok', message, fix: null }
}

export function warn(name: CheckName, message: string, fix: string): Check {
  return { name, status: 'warn', message, fix }
}

export function fail(name: CheckName, message: string, fix: string): Check {
  return { name, status: 'fail', message, fix }
}

export function worst(checks: readonly Check[]): CheckStatus {
  if (checks.some(({ status }) => status === 'fail')) return 'fail'
  return checks.some(({ status }) => status === 'warn') ? 'warn' : 'ok'
}
