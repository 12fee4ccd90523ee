/** How much of a stored event a caller may see. */
import type { Principal } from './principal.ts'
import { redactPayload } from './redact-payload.ts'

/**
 * `without_secrets`: all but client secrets, with which one acts as the payer. `redacted`: without personal data as well.
 */
export type PayloadView = 'full' | 'without_secrets' | 'redacted'

export const PAYLOAD_VIEWS = ['full', 'without_secrets', 'redacted'] as const satisfies PayloadView[]

/** What clients see is the operator's to say. */
export type ClientPayloads = Extract<PayloadView, 'full' | 'redacted'>

/** A server key that may only look is told nothing that lets it act. */
export function payloadView(principal: Principal, clientPayloads: ClientPayloads): PayloadView {
  if (principal.role !== 'server') return clientPayloads
  return principal.scopes.includes('payments') ? 'full' : 'without_secrets'
}

/** @param payload an event as JSON has it; is left as it is */
export function showPayload(payload: unknown, view: PayloadView): unknown {
  if (view === 'full') return payload
  return view === 'redacted' ? redactPayload(payload) : withoutSecrets(payload)
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null) return value
  const shown = Object.entries(value).filter(([name]) => !name.endsWith('client_secret'))
  return Object.fromEntries(shown.map(([name, it]) => [name, withoutSecrets(it)]))
}
