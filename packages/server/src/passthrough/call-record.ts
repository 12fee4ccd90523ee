/** Writes down each call: before it is sent where it changes something, and afterwards where it only reads. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { CallEnd, PassthroughAuditStore, StartedCall } from '../store/passthrough-audit-store.ts'

export interface CallRecorderDeps {
  readonly audit: Pick<PassthroughAuditStore, 'begin' | 'end' | 'add'>
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
}

export type FinishedCall = Omit<CallEnd, 'endedAt'>

export interface CallRecorder {
  /**
   * @returns the function that notes the end, which nobody waits for. Throws `store_unavailable`: what changes
   * something is not sent without a trace.
   */
  begin(call: Omit<StartedCall, 'startedAt'>): Promise<(end: FinishedCall) => void>
  /** Notes a call that is not sent. */
  refused(call: Omit<StartedCall, 'startedAt'>, end: Pick<CallEnd, 'status' | 'error'>): void
}

export function createCallRecorder({ audit, clock, log }: CallRecorderDeps): CallRecorder {
  const noted = (writing: Promise<void>) => {
    writing.catch((error: unknown) => log.error({ err: error }, 'A call to Stripe could not be written down'))
  }
  return {
    async begin(call) {
      const started = { ...call, startedAt: clock.now() }
      if (call.method === 'GET' || call.method === 'HEAD') {
        return (end) => noted(audit.add(started, { ...end, endedAt: clock.now() }))
      }
      const number = await audit.begin(started)
      return (end) => noted(audit.end(number, { ...end, endedAt: clock.now() }))
    },
    refused(call, { status, error }) {
      const now = clock.now()
      noted(
        audit.add(
          { ...call, startedAt: now },
          {
            outcome: 'refused',
            status,
            error,
            stripeRequestId: null,
            endedAt: now,
            bytesSent: 0,
            bytesReceived: 0,
          },
        ),
      )
    },
  }
}
