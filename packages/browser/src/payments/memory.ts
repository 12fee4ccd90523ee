/** What a page remembers of its payments until its tab is closed, so that it can go on after a reload. */

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
    get: (name) => here.get(name) ?? attempt((it) => it.getItem(prefix + name)) ?? null,
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
