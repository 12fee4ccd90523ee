/** Lets a few tasks run at a time, in the order in which they came, so that a crowd cannot starve the store. */

export interface ConcurrencyGate {
  run<T>(task: () => Promise<T>): Promise<T>
}

export function createConcurrencyGate(most: number): ConcurrencyGate {
  let running = 0
  const waiting: (() => void)[] = []

  return {
    async run(task) {
      if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
      else running++
      try {
        return await task()
      } finally {
        // The place goes straight to the next in line.
        const next = waiting.shift()
        if (next === undefined) running--
        else next()
      }
    },
  }
}
