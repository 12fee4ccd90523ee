/** The id of this tab: the same after a reload, and never that of another tab. */
import type { Memory } from '../payments/memory.ts'
import { newKey } from '../payments/repeat.ts'

/** A page that is being reloaded lets go of its lock while the next one already runs. */
const RELOAD_MS = 500

/** Of the parts of `Navigator` and `Memory` that decide it; the id is held until the page is gone. */
export async function takeTabId(
  memory: Pick<Memory, 'get' | 'set'>,
  locks: Pick<LockManager, 'request'> | undefined,
): Promise<string> {
  const kept = memory.get('tab')
  // A duplicated tab begins with a copy of the other's storage; without locks nobody can tell, so each load is new.
  const id = kept && locks && (await hold(locks, kept, RELOAD_MS)) ? kept : `tab_${newKey()}`
  if (id !== kept) {
    if (locks) await hold(locks, id)
    memory.set('tab', id)
  }
  return id
}

/** @returns whether the lock was free, or became so within `ms`; it is kept for as long as the page lives. */
function hold(locks: Pick<LockManager, 'request'>, id: string, ms?: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = ms === undefined ? {} : { signal: AbortSignal.timeout(ms) }
    locks
      .request(`tollbridge:${id}`, options, () => {
        resolve(true)
        return new Promise(() => {})
      })
      .catch(() => resolve(false))
  })
}
