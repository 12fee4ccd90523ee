/** Runs each callback once in this process, however often it is delivered, and keeps its lease while it runs. */

import type { ServerApi } from '../server-api.ts'
import { StripeApiError } from '../stripe-api-error.ts'
import type { CallbackJob } from './callback-job.ts'

export interface JobRunner {
  take(job: CallbackJob): void
  /** The stream is gone, so the server thinks of giving the jobs to others. */
  renewAll(): void
  /** Resolves when nothing runs. */
  drained(): Promise<void>
}

export interface JobRunnerDeps {
  readonly api: Pick<ServerApi, 'call'>
  /** Throws what goes into the row as its failure. */
  run(job: CallbackJob): Promise<void>
  /** When an ack could not be sent: the job will come again and be acked then. */
  onError(error: unknown, job: CallbackJob): void
  /** A third of the server's lease, so that one lost renewal does no harm. */
  readonly renewEveryMs?: number
}

interface Running {
  lease: string
  isRenewing: boolean
  readonly timer: NodeJS.Timeout
}

const RENEW_EVERY_MS = 10_000
/** Acks that may have been lost, by job; the server gives up on a job long before so many others have come. */
const MOST_REMEMBERED = 10_000
const LONGEST_ERROR = 1_000

type Ack = { readonly outcome: 'done' } | { readonly outcome: 'failed'; readonly error: string }

export function createJobRunner(deps: JobRunnerDeps): JobRunner {
  const { api, renewEveryMs = RENEW_EVERY_MS } = deps
  const running = new Map<string, Running>()
  const acks = new Map<string, Ack>()
  const sending = new Set<Promise<void>>()

  async function runAndAck(job: CallbackJob): Promise<void> {
    let ack: Ack = { outcome: 'done' }
    try {
      await deps.run(job)
    } catch (error) {
      ack = { outcome: 'failed', error: messageOf(error) }
    }
    acks.set(job.id, ack)
    const [oldest] = acks.keys()
    if (acks.size > MOST_REMEMBERED && oldest !== undefined) acks.delete(oldest)
    clearInterval(running.get(job.id)?.timer)
    running.delete(job.id)
    await send(job, ack)
  }

  async function send(job: CallbackJob, ack: Ack): Promise<void> {
    const path = `/v1/ui/callbacks/${encodeURIComponent(job.id)}/ack`
    try {
      await api.call({ method: 'POST', path, body: { kind: 'json', value: ack } })
    } catch (error) {
      deps.onError(error, job)
    }
  }

  async function renew(id: string): Promise<void> {
    const it = running.get(id)
    if (it === undefined || it.isRenewing) return
    it.isRenewing = true
    const path = `/v1/ui/callbacks/${encodeURIComponent(id)}/lease`
    try {
      await api.call({ method: 'POST', path, body: { kind: 'json', value: { lease: it.lease } } })
    } catch (error) {
      // Somebody else has it now, or it has ended; what runs here cannot be stopped, and its ack is no harm.
      if (error instanceof StripeApiError && error.status >= 400 && error.status < 500)
        clearInterval(it.timer)
    } finally {
      it.isRenewing = false
    }
  }

  function keep(work: Promise<void>): void {
    sending.add(work)
    void work.finally(() => sending.delete(work))
  }

  return {
    take(job) {
      const ack = acks.get(job.id)
      if (ack !== undefined) return keep(send(job, ack))
      const known = running.get(job.id)
      if (known !== undefined) {
        known.lease = job.lease
        return
      }
      const timer = setInterval(() => void renew(job.id), renewEveryMs)
      // Deferred, so that the row stands in `running` before the work may end.
      const done = Promise.resolve().then(() => runAndAck(job))
      running.set(job.id, { lease: job.lease, isRenewing: false, timer })
      keep(done)
    },
    renewAll() {
      for (const id of running.keys()) void renew(id)
    },
    async drained() {
      while (sending.size > 0) await Promise.all(sending)
    },
  }
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.slice(0, LONGEST_ERROR)
}
