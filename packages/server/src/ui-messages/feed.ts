/** Follows the changes of all messages, whichever process made them, one reading after the other. */
import type { Log } from '../log.ts'
import type { UiMessage, UiMessageStore } from '../store/ui-message-store.ts'

export interface UiFeed {
  /** Reads what has changed. Resolves when it has been told. */
  wake(): Promise<void>
  /** Runs between two readings: what `work` reads is not older than what comes after it. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
}

export interface UiFeedDeps {
  readonly store: Pick<UiMessageStore, 'latestChange' | 'changesAfter'>
  /** Whether anybody wants to hear; else nothing is read. */
  isHeard(): boolean
  tell(changed: readonly UiMessage[]): Promise<void>
  readonly log: Log
}

const AT_ONCE = 200

export function createUiFeed({ store, isHeard, tell, log }: UiFeedDeps): UiFeed {
  let position: number | null = null
  let turn: Promise<unknown> = Promise.resolve()
  let waiting: Promise<void> | null = null

  async function read(): Promise<void> {
    if (!isHeard()) {
      position = null
      return
    }
    // Whoever connects reads for himself what is open, after this.
    position ??= await store.latestChange()
    for (;;) {
      const changed = await store.changesAfter(position, AT_ONCE)
      if (changed.length === 0) return
      await tell(changed)
      position = changed.at(-1)?.change ?? position
    }
  }

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const run = turn.then(work)
    turn = run.catch(() => undefined)
    return run
  }

  return {
    wake() {
      waiting ??= inTurn(async () => {
        waiting = null
        await read().catch((error: unknown) => {
          log.error({ err: error }, 'Changes of page messages could not be read')
        })
      })
      return waiting
    },
    inTurn: (work) =>
      inTurn(async () => {
        position ??= await store.latestChange()
        return work()
      }),
  }
}
