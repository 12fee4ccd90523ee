/** How much of an event a principal may see. */
import type { Principal } from '../access/principal.ts'
import type { View } from './publication.ts'

/** `redacted`: clients see events without client secrets and personal data. */
export type ClientPayloads = 'redacted' | 'full'

export function viewOf(principal: Principal, clientPayloads: ClientPayloads): View {
  return principal.role === 'server' ? 'full' : clientPayloads
}
