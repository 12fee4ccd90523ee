/** Lets only so many calls be under way at once; the others wait in their order. */

export interface CallGate {
  /** Runs `work` when there is room. Rejects with the signal's reason when it fires while waiting. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

export function createCallGate(size: number): CallGate {
  const waiting: (() => void)[] = []
  let free = size

  function enter(signal: AbortSignal | undefined): Promise<void> {
    if (free > 0) {
      free -= 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const enterNow = () => {
        signal?.removeEventListener('abort', leaveQueue)
        resolve()
      }
      const leaveQueue = () => {
        waiting.splice(waiting.indexOf(enterNow), 1)
        reject(signal?.reason)
      }
      waiting.push(enterNow)
      signal?.addEventListener('abort', leaveQueue, { once: true })
    })
  }

  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }

  return {
    async run(work, signal) {
      signal?.throwIfAborted()
      await enter(signal)
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
