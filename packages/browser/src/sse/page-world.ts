/** Time, chance and the page's own news, as arguments, so that tests hold them. */

export interface PageWorld {
  /** Milliseconds. */
  now(): number
  /** Calls once after `ms`; the answer takes it back. */
  after(ms: number, call: () => void): () => void
  /** From 0 up to 1. */
  random(): number
  /** Calls when the network is back, and when the page is in front of a person again; the answer ends it. */
  onReturn(call: (what: 'online' | 'visible') => void): () => void
}

export const pageWorld: PageWorld = {
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
  onReturn(call) {
    const ended = new AbortController()
    const { signal } = ended
    const look = (): void => {
      if (!document.hidden) call('visible')
    }
    addEventListener('online', () => call('online'), { signal })
    document.addEventListener('visibilitychange', look, { signal })
    return () => ended.abort()
  },
}
