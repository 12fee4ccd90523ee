/** A bar that shows how far a long command has come: on a terminal only, and beside its answer. */
import { SingleBar } from 'cli-progress'
import type { Terminal } from './command-context.ts'

export interface ProgressBar {
  show(done: number, total: number): void
  end(): void
}

/** @param what one word, such as `Sealing` */
export function progressBar({ stderr }: Terminal, what: string): ProgressBar {
  const bar = new SingleBar({
    format: `  ${what} {bar} {value}/{total}`,
    stream: stderr,
    clearOnComplete: true,
  })
  let isStarted = false
  return {
    show(done, total) {
      if (stderr.isTTY !== true) return
      if (!isStarted) bar.start(total, 0)
      isStarted = true
      bar.update(done)
    },
    end: () => bar.stop(),
  }
}
