/** Ends what a crash or a lost answer left open, in the background, for as long as Stripe cannot be reached. */
import type { Log } from '../../log.ts'
import type { PaymentAttemptStore } from '../../store/payment-attempt-store.ts'
import type { AttemptRunner } from './attempt-runner.ts'

export interface AttemptRecovery {
  /** Takes up what is open, at once and from then on. */
  start(): void
  /** Begins nothing more, and resolves when what is under way has ended and is written, as far as the store takes it. */
  stop(): Promise<void>
}

export interface AttemptRecoveryDeps {
  readonly attempts: Pick<PaymentAttemptStore, 'leaseDue'>
  readonly runner: Pick<AttemptRunner, 'leaseTimes' | 'runAgain' | 'running' | 'held'>
  /** Runs after each `ms` milliseconds until cancelled. */
  every(ms: number, run: () => void): () => void
  readonly log: Log
}

const SWEEP_EVERY_MS = 1_000
/** Calls at one time: a burst after an outage must not meet Stripe's rate limit. */
const MOST_AT_ONCE = 8

export function createAttemptRecovery(deps: AttemptRecoveryDeps): AttemptRecovery {
  const { attempts, runner, log } = deps
  let cancel: (() => void) | null = null
  let sweeping: Promise<void> | null = null

  async function sweep(): Promise<void> {
    // While these cannot be written, nothing else could be either.
    await runner.held.writeAgain()
    for (;;) {
      const leases = await attempts.leaseDue({
        ...runner.leaseTimes(),
        limit: MOST_AT_ONCE,
        except: runner.running(),
      })
      await Promise.all(leases.map((lease) => runner.runAgain(lease, { isOwed: true, isPatient: false })))
      if (leases.length < MOST_AT_ONCE || cancel === null) return
    }
  }

  function sweepOnce(): void {
    sweeping ??= sweep()
      .catch((error: unknown) => log.error({ err: error }, 'Open payment attempts could not be taken up'))
      .finally(() => {
        sweeping = null
      })
  }

  return {
    start() {
      cancel ??= deps.every(SWEEP_EVERY_MS, sweepOnce)
      sweepOnce()
    },
    async stop() {
      cancel?.()
      cancel = null
      await sweeping
      await runner.held
        .writeAgain()
        .catch((error: unknown) =>
          log.error(
            { err: error },
            'Outcomes are lost from memory with this stop; the next start asks Stripe for them',
          ),
        )
    },
  }
}
