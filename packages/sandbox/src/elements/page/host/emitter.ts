/** on, once and off, as elements have them. */

export type Handler = (event: unknown) => unknown

export interface Emitter {
  on(name: string, handler: Handler): void
  once(name: string, handler: Handler): void
  off(name: string, handler?: Handler): void
  emit(name: string, event: unknown): void
  has(name: string): boolean
}

export function createEmitter(): Emitter {
  const listeners: { name: string; handler: Handler; once: boolean }[] = []
  const remove = (matches: (entry: (typeof listeners)[number]) => boolean): void => {
    for (let index = listeners.length - 1; index >= 0; index--) {
      const entry = listeners[index]
      if (entry && matches(entry)) listeners.splice(index, 1)
    }
  }
  return {
    on: (name, handler) => void listeners.push({ name, handler, once: false }),
    once: (name, handler) => void listeners.push({ name, handler, once: true }),
    off: (name, handler) =>
      remove((entry) => entry.name === name && (handler === undefined || entry.handler === handler)),
    emit(name, event) {
      for (const entry of listeners.filter((it) => it.name === name)) {
        if (entry.once) remove((it) => it === entry)
        // A handler that throws must not keep the others from being called.
        try {
          entry.handler(event)
        } catch (error) {
          reportError(error)
        }
      }
    },
    has: (name) => listeners.some((entry) => entry.name === name),
  }
}
