/** A tab keeps its id over a reload, and never has another one's. */
import { expect, test } from 'vitest'
import { takeTabId } from './tab-id.ts'

type Locks = Parameters<typeof takeTabId>[1]

function memoryOf(stored: Record<string, string> = {}) {
  return {
    stored,
    get: (name: string) => stored[name] ?? null,
    set: (name: string, value: string) => {
      stored[name] = value
    },
  }
}

/** Web Locks: a lock is held until its page is gone, and whoever asks waits, or gives up by his signal. */
function browserLocks() {
  const held = new Map<string, (() => void)[]>()
  const request = (name: string, options: { signal?: AbortSignal }, grant: () => Promise<unknown>) =>
    new Promise((resolve, reject) => {
      const waiting = held.get(name)
      if (waiting === undefined) {
        held.set(name, [])
        resolve(grant())
        return
      }
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason))
      waiting.push(() => resolve(grant()))
    })
  return {
    locks: { request } as unknown as NonNullable<Locks>,
    names: () => [...held.keys()],
    /** The page that holds it is gone. */
    release(name: string) {
      const waiting = held.get(name) ?? []
      held.delete(name)
      for (const go of waiting) go()
    },
  }
}

test('a new tab makes an id, keeps it, and holds it', async () => {
  const [memory, browser] = [memoryOf(), browserLocks()]
  const id = await takeTabId(memory, browser.locks)
  expect(id).toMatch(/^tab_[A-Za-z0-9_-]{16,64}$/)
  expect(memory.stored).toEqual({ tab: id })
  expect(browser.names()).toEqual([`tollbridge:${id}`])
})

test('after a reload it is the same, also when the old page lets go a little later', async () => {
  const [memory, browser] = [memoryOf({ tab: 'tab_of_before' }), browserLocks()]
  expect(await takeTabId(memory, browser.locks)).toBe('tab_of_before')
  const reloaded = takeTabId(memory, browser.locks)
  browser.release('tollbridge:tab_of_before')
  expect(await reloaded).toBe('tab_of_before')
})

test('a copy of a tab that lives gets an id of its own', async () => {
  const browser = browserLocks()
  const original = await takeTabId(memoryOf(), browser.locks)
  const memory = memoryOf({ tab: original })
  const copy = await takeTabId(memory, browser.locks)
  expect(copy).not.toBe(original)
  expect(memory.stored).toEqual({ tab: copy })
})

test('where a browser cannot tell, or will not, no id is taken over', async () => {
  expect(await takeTabId(memoryOf({ tab: 'tab_of_before' }), undefined)).not.toBe('tab_of_before')
  const refusing = { request: () => Promise.reject(new DOMException('No', 'SecurityError')) }
  const id = await takeTabId(memoryOf({ tab: 'tab_of_before' }), refusing as unknown as Locks)
  expect(id).not.toBe('tab_of_before')
})
