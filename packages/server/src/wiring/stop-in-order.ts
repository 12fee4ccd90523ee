/** How a stop goes: nothing new, then what is idle, then what is under way, then the rest; never past its deadline. */
import type { Connections } from '../http/connections.ts'

export interface StopOrder {
  readonly timeoutMs: number
  readonly connections: Pick<Connections, 'refuseNew' | 'closeIdle' | 'cutUnfinished' | 'destroyAll'>
  /** Tells the clients of Socket.IO, which come back for it over new connections. */
  sayGoodbye(): Promise<void>
  /** Takes no more connections, tells the readers of streams, and resolves when no connection is left. */
  closePorts(): Promise<void>
  /** Ends every call to Stripe; what was open stands in rows, and is finished at the next start. */
  letGoOfStripe(): void
  /** What works by itself, one part after the other. */
  readonly parts: readonly (() => Promise<void> | void)[]
  /** Said to the log when the deadline cuts something. */
  onCut(what: string): void
  /** Said to the log when something fails on the way, such as a last write to a database that is gone. The rest still ends. */
  onFailure(error: unknown): void
}

/** Of the whole time: for goodbyes, for bodies that are still arriving, and for rows to be written at the end. */
const FAREWELL = 0.25
const BODIES = 0.1
const SETTLE = 0.1
const MOST_BODIES_MS = 1_000
const MOST_SETTLE_MS = 1_000

/** Never rejects: whatever fails, the rest is ended as well. */
export async function stopInOrder(order: StopOrder): Promise<void> {
  const { timeoutMs, connections } = order
  const settleMs = Math.min(MOST_SETTLE_MS, timeoutMs * SETTLE)
  const startedAt = performance.now()
  const left = () => Math.max(0, timeoutMs - 3 * settleMs - (performance.now() - startedAt))

  connections.refuseNew()
  const safely = async (work: () => Promise<void> | void) => {
    try {
      await work()
    } catch (error) {
      order.onFailure(error)
    }
  }
  await within(timeoutMs * FAREWELL, safely(order.sayGoodbye))

  const closed = safely(order.closePorts)
  connections.closeIdle()
  const cut = setTimeout(connections.cutUnfinished, Math.min(MOST_BODIES_MS, timeoutMs * BODIES))
  const isDone = await within(left(), closed)
  clearTimeout(cut)
  if (!isDone) {
    order.onCut('requests')
    order.letGoOfStripe()
    // Their answers are on the way out, now that Stripe is no longer waited for.
    await within(settleMs, closed)
    connections.destroyAll()
    await within(settleMs, closed)
  }

  const parts = inTurn(order.parts.map((part) => () => safely(part)))
  if (await within(Math.max(left(), settleMs / 2), parts)) return
  order.onCut('work in the background')
  order.letGoOfStripe()
  await within(settleMs, parts)
}

async function inTurn(parts: readonly (() => Promise<void>)[]): Promise<void> {
  for (const part of parts) await part()
}

/** @param work never rejects. @returns whether it was done in time. */
function within(ms: number, work: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms)
    work.then(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
