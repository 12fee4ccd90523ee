/** Keeps the write-ahead log short, through a thread that is started when there is something to do. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { LogProgress } from './file-watch.ts'

export type CheckpointJob = {
  readonly number: number
  /** `copy`: what no reader needs. `restart`: all, and the log begins anew. `truncate`: and its file is emptied. */
  readonly kind: 'copy' | 'restart' | 'truncate' | 'examine'
}

export type CheckpointAnswer = { readonly number: number } & (
  | { readonly kind: 'done'; readonly isWhole: boolean }
  | {
      readonly kind: 'examined'
      readonly id: string
      readonly sequence: number
      readonly wrong: string | null
    }
  | { readonly kind: 'failed'; readonly message: string }
)

export interface Checkpointer {
  /** Starts a checkpoint when the log has grown enough. @param logBytes the size of its file */
  afterCommit(logBytes: number): void
  /** Empties the log and its file. `in_use`: somebody still reads an older state. */
  truncate(): Promise<'emptied' | 'in_use'>
  examine(): Promise<Extract<CheckpointAnswer, { kind: 'examined' | 'failed' }>>
  isRunning(): boolean
  /** Lets the job at hand end. */
  close(): Promise<void>
}

export interface CheckpointerOptions {
  readonly file: string
  logProgress(): LogProgress
  /** A checkpoint wrote the database file. */
  onWritten(): void
  /** The thread ended by itself; the connection has to look after its log. */
  onBroken(error: Error): void
}

const PAGE_BYTES = 4_096
/** As much waits in the log before it is copied: 4 MiB. */
const COPY_PAGES = 1_000
/** From here on writers, too, wait for the log to begin anew: for as long as it takes to copy the last few pages. */
const RESTART_PAGES = 4_000
/** Cut back to this when it begins anew; see `journal_size_limit`. */
export const LOG_LIMIT_BYTES = 16 * 1024 * 1024

export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  let thread: Worker | null = null
  let number = 0
  let framesAtLast = 0
  let isCopying = false
  const waiting = new Map<number, (answer: CheckpointAnswer) => void>()

  function start(): Worker {
    const started = new Worker(new URL(`./checkpoint-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: options.file,
      execArgv: [],
    })
    started.unref()
    started.on('message', (answer: CheckpointAnswer) => {
      waiting.get(answer.number)?.(answer)
      waiting.delete(answer.number)
      if (waiting.size === 0) started.unref()
    })
    started.on('error', (error) => {
      thread = null
      for (const [of, resolve] of waiting) resolve({ number: of, kind: 'failed', message: error.message })
      waiting.clear()
      options.onBroken(error)
    })
    return started
  }

  function ask(kind: CheckpointJob['kind']): Promise<CheckpointAnswer> {
    thread ??= start()
    number += 1
    const job: CheckpointJob = { number, kind }
    const answered = new Promise<CheckpointAnswer>((resolve) => waiting.set(job.number, resolve))
    // A command that waits for nothing else would end in the middle.
    thread.ref()
    thread.postMessage(job)
    return answered
  }

  async function write(kind: 'copy' | 'restart' | 'truncate'): Promise<boolean> {
    const answer = await ask(kind)
    options.onWritten()
    if (answer.kind === 'failed')
      throw new Error(`The write-ahead log could not be copied: ${answer.message}`)
    return answer.kind === 'done' && answer.isWhole
  }

  return {
    afterCommit(logBytes) {
      if (isCopying || logBytes < COPY_PAGES * PAGE_BYTES) return
      const { frames, copied } = options.logProgress()
      if (frames < framesAtLast) framesAtLast = 0
      // What a reader keeps from being copied is tried again when as much has come once more.
      if (frames - Math.max(copied, framesAtLast) < COPY_PAGES) return
      framesAtLast = frames
      isCopying = true
      write(logBytes > LOG_LIMIT_BYTES ? 'truncate' : frames >= RESTART_PAGES ? 'restart' : 'copy')
        // The next thousand pages try again; a disk that fails shows at the commits themselves.
        .catch(() => {})
        .finally(() => {
          isCopying = false
        })
    },
    truncate: async () => ((await write('truncate')) ? 'emptied' : 'in_use'),
    async examine() {
      const answer = await ask('examine')
      return answer.kind === 'done' ? { number: answer.number, kind: 'failed', message: 'no answer' } : answer
    },
    isRunning: () => waiting.size > 0,
    async close() {
      if (thread === null) return
      const ended = new Promise<void>((resolve) => thread?.once('exit', () => resolve()))
      thread.ref()
      thread.postMessage('close')
      await ended
    },
  }
}
