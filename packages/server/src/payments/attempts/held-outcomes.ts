/** Outcomes that the store did not take: held here, told from here, and written as soon as it does. */
import type { Log } from '../../log.ts'
import type { PaymentAttempt } from '../../store/payment-attempt-store.ts'

export interface HeldOutcomes {
  /**
   * Tries to write, and holds what could not be written.
   * @param attempt as it is once that is written; null: it is to be gone
   */
  write(id: string, attempt: PaymentAttempt | null, store: () => Promise<unknown>): Promise<void>
  /** The attempt as it has ended, while the rows do not know it; null: the rows are right. */
  find(id: string): PaymentAttempt | null
  /** Whether the attempt is to be gone, and the rows still have it. */
  isGone(id: string): boolean
  ids(): readonly string[]
  /** Tries again; throws the store's error while one of them cannot be written. */
  writeAgain(): Promise<void>
}

interface Held {
  readonly attempt: PaymentAttempt | null
  readonly store: () => Promise<unknown>
}

export function createHeldOutcomes(log: Pick<Log, 'error' | 'info'>): HeldOutcomes {
  const held = new Map<string, Held>()
  return {
    async write(id, attempt, store) {
      try {
        await store()
      } catch (error) {
        held.set(id, { attempt, store })
        log.error(
          { err: error, attempt: id, state: attempt?.state ?? 'withdrawn' },
          'The outcome of a payment call could not be written; it is held in memory until it can be',
        )
      }
    },
    find: (id) => held.get(id)?.attempt ?? null,
    isGone: (id) => held.get(id)?.attempt === null,
    ids: () => [...held.keys()],
    async writeAgain() {
      for (const [id, { store }] of held) {
        await store()
        held.delete(id)
        log.info({ attempt: id }, 'A held outcome is written')
      }
    },
  }
}
