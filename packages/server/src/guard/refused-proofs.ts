/** Counts callers that act as the payer of what is not theirs: who guesses is stopped, whoever has a proof never comes here. */
import type { AppId } from '../access/principal.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { GuardStore } from '../store/guard-store.ts'
import type { GuardLimits } from './guard-limits.ts'
import { proofAllowances } from './guard-subjects.ts'

export interface RefusedProof {
  readonly appId: AppId
  readonly address: string | null
  /** The client key that was shown; null: none. */
  readonly clientKey: string | null
}

/** Throws `proof_limited` once there were too many. */
export type NoteRefusedProof = (refused: RefusedProof) => Promise<void>

export interface NoteRefusedProofDeps {
  readonly guard: Pick<GuardStore, 'standing' | 'count'>
  limitsOf(appId: AppId): GuardLimits | null
  readonly log: Log
  now(): number
}

export function createNoteRefusedProof({
  guard,
  limitsOf,
  log,
  now,
}: NoteRefusedProofDeps): NoteRefusedProof {
  return async (refused) => {
    const { appId } = refused
    const limits = limitsOf(appId)
    if (limits === null) return
    const allowances = proofAllowances(refused, limits)
    const { tallies } = await guard.standing(appId, allowances, now())
    const exceeded = tallies.find((tally) => tally.exceeded !== null)?.exceeded
    if (exceeded === undefined || exceeded === null) {
      const counts = allowances.map((allowance) => ({ allowance, attempts: 0, failures: 1 }) as const)
      await guard.count(appId, counts, now())
      return
    }
    const { kind, limit } = exceeded
    log.warn({ appId, limit: kind }, 'The charge guard refused a caller that showed no valid proof too often')
    const seconds = Math.max(1, Math.ceil((exceeded.retryAt - now()) / 1000))
    throw new ServiceError('proof_limited', {
      message: `Too many requests ${kind === 'proof_key' ? 'with this client key' : 'from this address'} were for payments that are not theirs (at most ${limit}). A request with a valid proof is still answered; else try again in ${seconds} seconds.`,
      retryAfterSeconds: seconds,
    })
  }
}
