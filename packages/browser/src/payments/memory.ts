/** What a page remembers of its payments, so that it can go on after a reload. */
import { newKey } from './repeat.ts'

export interface Memory {
  get(name: string): string | null
  set(name: string, value: string): void
  delete(name: string): void
}

/** Browsers may refuse the storage or fill up; then the page remembers as long as it lives. */
export function createMemory(storage: () => Storage = () => sessionStorage, prefix = 'tollbridge:'): Memory {
  const here = new Map<string, string>()
  const attempt = <T>(act: (it: Storage) => T): T | undefined => {
    try {
      return act(storage())
    } catch {
      return undefined
    }
  }
  return {
    // Another tab may have written since.
    get: (name) => attempt((it) => it.getItem(prefix + name)) ?? here.get(name) ?? null,
    set(name, value) {
      here.set(name, value)
      attempt((it) => it.setItem(prefix + name, value))
    },
    delete(name) {
      here.delete(name)
      attempt((it) => it.removeItem(prefix + name))
    },
  }
}

/** The key with which an order was begun in this browser, in whichever tab: by it the server knows its payer again. */
export type PayerKey = (orderId: string | undefined) => string

export function createPayerKey(memory = createMemory(() => localStorage)): PayerKey {
  return (orderId) => {
    if (orderId === undefined) return newKey()
    const name = `payer:${orderId}`
    if (!memory.get(name)) memory.set(name, newKey())
    return memory.get(name) as string
  }
}
