/** The processes of the app's servers that are connected here: hands them their callbacks, and news of their messages. */
import type { AppId } from '../access/principal.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { UiJob, UiJobWish, UiMessage, UiMessageStore } from '../store/ui-message-store.ts'
import { originalMessage } from './page-message.ts'
import type { UiStream } from './ports.ts'

export interface ConnectedServer {
  readonly appId: AppId
  readonly wish: UiJobWish
  /** Of the stream: whoever shows it has the stream's jobs. */
  readonly lease: string
  readonly stream: Pick<UiStream, 'send' | 'ready'>
  /** Up to which change it has heard of its own messages. */
  readonly heardOf: number
}

export interface JobHub {
  readonly size: number
  add(server: ConnectedServer): void
  /** What it has is due for others a little later: it may be about to come back. */
  remove(server: ConnectedServer): Promise<void>
  /** Hands out what is due, and tells what has ended. One round at a time. */
  wake(): Promise<void>
}

export interface JobHubDeps {
  readonly store: Pick<UiMessageStore, 'leaseJobs' | 'cutLeases' | 'endedOf' | 'jobOf' | 'find'>
  readonly clock: Clock
  readonly log: Log
}

export const LEASE_MS = 30_000
const RETURN_MS = 3_000
const AT_ONCE = 50
/** Few enough that the largest of them do not fill a stream. */
const LEASED_AT_ONCE = 5

export function createJobHub({ store, clock, log }: JobHubDeps): JobHub {
  const servers = new Map<ConnectedServer, { heardOf: number; isAwaited: boolean }>()
  let turn: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | null = null
  let first = 0

  async function handOut({ appId, wish, lease, stream }: ConnectedServer): Promise<void> {
    // What a stream does not read is better off with another one.
    for (let handed = 0; handed < AT_ONCE && stream.ready() === undefined; handed += LEASED_AT_ONCE) {
      const now = clock.now()
      const until = now + LEASE_MS
      const jobs = await store.leaseJobs(appId, wish, { token: lease, until }, now, LEASED_AT_ONCE)
      for (const job of jobs) {
        const message = await store.find(appId, job.messageId)
        if (message !== null) stream.send('callback', jobJson(job, message, lease))
      }
      if (jobs.length < LEASED_AT_ONCE) return
    }
  }

  async function tellEnds(server: ConnectedServer): Promise<void> {
    const { appId, wish, stream } = server
    const progress = servers.get(server)
    if (wish.instance === null || progress === undefined) return
    for (;;) {
      const ended = await store.endedOf(appId, wish.instance, progress.heardOf, AT_ONCE)
      if (ended.length === 0) return
      for (const message of ended) {
        // The next round goes on from here.
        if (stream.ready() !== undefined) return
        await tellEnd(message, stream)
        progress.heardOf = message.change
      }
    }
  }

  async function tellEnd(message: UiMessage, stream: ConnectedServer['stream']): Promise<void> {
    const { id, state, change } = message
    if (state === 'settled') {
      const job = await store.jobOf(id)
      if (job === null) return
      const { callback, data, verified } = job
      stream.send('settled', { message_id: id, callback, data, verified }, change)
    } else if (state !== 'undeliverable' || message.endedAt !== message.createdAt) {
      stream.send('ended', { message_id: id, reason: state }, change)
    }
  }

  async function round(): Promise<void> {
    waiting = null
    // Each time another one is asked first, so that one process does not get everything.
    const all = [...servers.keys()]
    first = all.length === 0 ? 0 : (first + 1) % all.length
    for (const server of [...all.slice(first), ...all.slice(0, first)]) {
      if (!servers.has(server)) continue
      try {
        await handOut(server)
        await tellEnds(server)
        goOnWhenRead(server)
      } catch (error) {
        log.error({ err: error, appId: server.appId }, 'Callbacks of page messages could not be handed out')
      }
    }
  }

  function goOnWhenRead(server: ConnectedServer): void {
    const progress = servers.get(server)
    const read = server.stream.ready()
    if (read === undefined || progress === undefined || progress.isAwaited) return
    progress.isAwaited = true
    void read.then(() => {
      progress.isAwaited = false
      return wake()
    })
  }

  function wake(): Promise<void> {
    if (servers.size === 0) return Promise.resolve()
    if (waiting === null) {
      waiting = turn.then(round)
      turn = waiting
    }
    return waiting
  }

  return {
    get size() {
      return servers.size
    },
    add(server) {
      servers.set(server, { heardOf: server.heardOf, isAwaited: false })
    },
    async remove(server) {
      if (!servers.delete(server)) return
      // A round under way may still have leased something for it.
      await turn
      await store.cutLeases(server.lease, clock.now() + RETURN_MS)
    },
    wake,
  }
}

function jobJson(job: UiJob, message: UiMessage, lease: string) {
  const { id, messageId, callback, handler, data, verified } = job
  // Where Stripe was asked without an answer: whoever had it open, or might have.
  const page = job.page ?? message.claimedBy
  const user = page?.user ?? message.users[0]
  return {
    id,
    lease,
    message_id: messageId,
    callback,
    handler: handler.name,
    handler_data: handler.data,
    original_message: originalMessage(message),
    callback_data: data,
    context: {
      messageId,
      callback,
      user: user === undefined ? null : { id: user },
      sessionId: page?.session ?? null,
      connectionId: page?.tab ?? message.tab,
      verified,
    },
  }
}
