/** Receives the messages of the app's server, runs them through the page's plugins, and posts the answers. */
import type { PageMessage } from '@tollbridge/protocol'
import { showNotice } from '../dialog/show-notice.ts'
import type { Page } from '../page.ts'
import type { Memory } from '../payments/memory.ts'
import { isUnsettled, repeat } from '../payments/repeat.ts'
import { type Following, followStream } from '../sse/follow-stream.ts'
import type { TollbridgeError } from '../tollbridge-error.ts'
import type { BrowserPlugin, OriginalMessage } from '../ui/browser-plugin.ts'
import { runMessage } from '../ui/run-message.ts'
import { isOver, type UiSession } from './ui-session.ts'

export interface ConnectDeps {
  readonly page: Page
  readonly plugins: ReadonlyMap<string, BrowserPlugin>
  /** Answers that may not have arrived outlive a reload. */
  readonly memory: Memory
  readonly session: UiSession
  onError(error: unknown, message: OriginalMessage | null): void
}

export function connectUi({ page, plugins, memory, session, onError }: ConnectDeps): Following {
  /** Those that this page has taken up; null: it is done with it. */
  const runs = new Map<string, AbortController | null>()
  /** Those that it shows: while it was away, another tab may have been given them. */
  const held = new Set<string>()
  const closed = new AbortController()

  async function post(path: string, body: unknown, onTrouble = () => {}): Promise<void> {
    await repeat((signal) => session.open('POST', `/v1/ui/${path}`, { body, signal }), { onTrouble })
  }

  async function claim(id: string): Promise<boolean> {
    try {
      await post(`messages/${id}/claim`, {})
      return true
    } catch (error) {
      if ([404, 409, 410].includes((error as TollbridgeError).status)) return false
      throw error
    }
  }

  /** Until the server has it, or cannot want it any more. `isKept`: it may have arrived before. */
  async function answer({ id, expiresAt }: PageMessage, text: string, isKept: boolean): Promise<void> {
    const key = `answer:${id}`
    let isAgain = isKept
    memory.set(key, text)
    for (;;) {
      try {
        await post('callbacks', { id, ...JSON.parse(text) }, () => {
          isAgain = true
        })
      } catch (error) {
        const { code } = error as TollbridgeError
        if (closed.signal.aborted || isOver(code)) throw error
        if (isUnsettled(error) && Date.now() < expiresAt) {
          isAgain = true
          continue
        }
        memory.delete(key)
        // It had arrived, and its answer was lost.
        if (code !== 'ui_message_settled' || !isAgain) throw error
      }
      memory.delete(key)
      return
    }
  }

  /** The shopper must not believe that it is done; who gave up does not. */
  function tell({ data }: PageMessage, text: string): void {
    if (closed.signal.aborted || JSON.parse(text).data?.error?.type === 'user_canceled') return
    const { title } = (data ?? {}) as { title?: unknown }
    const { texts, theme } = page
    void showNotice({
      title: typeof title === 'string' ? title : '',
      text: texts.undelivered,
      texts,
      theme,
      signal: closed.signal,
    })
  }

  async function take(message: PageMessage): Promise<void> {
    const { id, scope, name, data, extras, callbackNames } = message
    if (runs.has(id)) return
    const abort = new AbortController()
    runs.set(id, abort)
    const original = { ...extras, id, scope, name, data } as OriginalMessage
    let text = memory.get(`answer:${id}`)
    const isKept = text !== null
    let failure: unknown
    const deliver = async (): Promise<void> => {
      if (text === null) return
      try {
        await answer(message, text, isKept)
      } catch (error) {
        // A plugin that does not wait for it must not leave it unhandled.
        failure = error
        tell(message, text)
      }
    }
    try {
      if (isKept) await deliver()
      else {
        await seen(abort.signal)
        await runMessage(
          { plugins, page },
          {
            message: original,
            declared: callbackNames,
            signal: abort.signal,
            async claim() {
              const isMine = await claim(id)
              if (isMine) held.add(id)
              return isMine
            },
            callback: async (callback, result) => {
              if (callbackNames.includes(callback)) text = answerText(callback, result)
              await deliver()
            },
          },
        )
      }
      if (failure) throw failure
      // What was taken from it may come to it again.
      if (abort.signal.aborted) runs.delete(id)
      else runs.set(id, null)
    } catch (error) {
      // What got lost can be taken up when the message comes again.
      if (isUnsettled(error)) runs.delete(id)
      else runs.set(id, null)
      onError(error, original)
    } finally {
      held.delete(id)
    }
  }

  /** Exactly one form is open: whoever comes back asks whether the message is still its own. */
  function askAgain(): void {
    for (const id of held)
      claim(id).then(
        (isMine) => isMine || runs.get(id)?.abort(),
        // It shows with the answer.
        () => {},
      )
  }

  const following = followStream({
    onOpen: askAgain,
    connect: (_id, signal) => session.open('GET', '/v1/ui/stream', { signal }),
    onEvent({ type, data }) {
      const it = JSON.parse(data)
      if (type === 'message') void take(it)
      else if (type === 'end') runs.get(it.id)?.abort()
      else if (type === 'error' && isOver(it.error?.code)) session.forget()
    },
    onRefused: (error) => onError(error, null),
  })
  return {
    close() {
      closed.abort()
      following.close()
      for (const run of runs.values()) run?.abort()
    },
  }
}

/** Without client secrets, which the server knows, and which would stand in the tab's storage. */
function answerText(callback: string, data: unknown): string {
  return JSON.stringify({ callback, data }, (name, value) => (name === 'client_secret' ? undefined : value))
}

/** Resolves when somebody looks at the page, so that of a person's tabs the one in front takes the message. */
function seen(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.hidden && !signal.aborted) return
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
    signal.addEventListener('abort', look)
    look()
  })
}
