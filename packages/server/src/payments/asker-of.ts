/** What a caller may hear of attempts that earlier requests made. */

import type { Asker } from './attempts/attempt-plan.ts'
import { isSingleUse } from './attempts/request-key.ts'
import type { Caller } from './caller.ts'
import { SHORTEST_PAYER_KEY } from './payer-keys.ts'
import type { ProofOfPayer } from './proof-of-payer.ts'

export type AskerOf = (caller: Caller) => Asker

export function createAskerOf(proof: Pick<ProofOfPayer, 'holds' | 'refuse'>): AskerOf {
  return (caller) => ({
    async made(prior) {
      if (caller.principal.role === 'server') return true
      // Rows of before say no more than that the same key or token came.
      if (prior.payer === null && prior.terms?.['set_by'] !== 'server' && hasStrongKey(caller)) return true
      const { account, paymentIntentId, orderId } = prior
      return proof.holds(caller, { account, paymentIntentId, orderId, payer: prior.payer })
    },
    refuse: () => proof.refuse(caller),
  })
}

function hasStrongKey({ callerKey, shown }: Caller): boolean {
  if (callerKey !== null) return callerKey.length >= SHORTEST_PAYER_KEY
  return shown.card !== null && isSingleUse(shown.card)
}
