/** What this process remembers of the messages that it sent: their functions, and who waits for their end. */
import type { EndReason } from './callback-job.ts'
import type { Settled, UiCallback, UiCallbackRef } from './messages.ts'

export interface SentMessages {
  /** Gives each function a name that only this process answers to. Then `sent` or `discard` must follow. */
  prepare(callbacks: Readonly<Record<string, UiCallbackRef>> | undefined): PreparedCallbacks
  /** The server has the message under this id. @returns its end */
  sent(id: string, prepared: PreparedCallbacks): Promise<Settled>
  /** It was not sent. */
  discard(prepared: PreparedCallbacks): void
  find(handler: string): UiCallback | undefined
  settled(id: string, end: Settled & { readonly callback: string }): void
  ended(id: string, reason: EndReason): void
  /** The callback has run. */
  ran(id: string): void
}

export interface PreparedCallbacks {
  /** As they travel. */
  readonly refs: Readonly<Record<string, WireRef>> | undefined
  /** The callbacks that are functions, with the names of those. */
  readonly inline: ReadonlyMap<string, string>
}

export type WireRef = string | { readonly handler: string; readonly data: unknown } | null

/** The end and the run of a message are told in either order. */
interface Progress {
  readonly end?: Settled
  readonly hasRun?: boolean
}

interface Open {
  readonly inline: ReadonlyMap<string, string>
  resolve(end: Settled): void
  progress: Progress
}

export function createSentMessages(instance: string): SentMessages {
  const functions = new Map<string, UiCallback>()
  const open = new Map<string, Open>()
  /** What came before the answer to the sender did; kept while one is under way. */
  const early = new Map<string, Progress>()
  let underWay = 0
  let count = 0

  function forget(inline: ReadonlyMap<string, string>): void {
    for (const handler of inline.values()) functions.delete(handler)
  }

  function answered(): void {
    underWay -= 1
    if (underWay === 0) early.clear()
  }

  function note(id: string, news: Progress): void {
    const it = open.get(id)
    if (it === undefined) {
      if (underWay > 0) early.set(id, { ...early.get(id), ...news })
      return
    }
    it.progress = { ...it.progress, ...news }
    const { end, hasRun = false } = it.progress
    if (end === undefined) return
    it.resolve(end)
    // A function that is still to run is kept until it has.
    const isAwaited = 'callback' in end && it.inline.has(end.callback) && !hasRun
    if (isAwaited) return
    open.delete(id)
    forget(it.inline)
  }

  return {
    prepare(callbacks) {
      underWay += 1
      const inline = new Map<string, string>()
      if (callbacks === undefined || callbacks === null) return { refs: undefined, inline }
      const refs = Object.entries(callbacks).map(([name, ref]): [string, WireRef] => {
        if (typeof ref === 'object' && ref !== null) return [name, { data: null, ...ref }]
        if (typeof ref !== 'function') return [name, ref]
        count += 1
        const handler = `inline:${instance}:${count}`
        inline.set(name, handler)
        functions.set(handler, ref)
        return [name, handler]
      })
      return { refs: Object.fromEntries(refs), inline }
    },
    sent(id, { inline }) {
      return new Promise((resolve) => {
        open.set(id, { inline, resolve, progress: {} })
        note(id, early.get(id) ?? {})
        early.delete(id)
        answered()
      })
    },
    discard({ inline }) {
      forget(inline)
      answered()
    },
    find: (handler) => functions.get(handler),
    settled: (id, end) => note(id, { end }),
    ended: (id, reason) => note(id, { end: endOf(reason) }),
    ran: (id) => note(id, { hasRun: true }),
  }
}

function endOf(reason: EndReason): Settled {
  if (reason === 'expired') return { expired: true }
  return reason === 'canceled' ? { canceled: true } : { undeliverable: true }
}
