/** The pages that are connected to this process, and what each of them has been shown. */
import type { PageMessage, PageMessageEnd } from '@tollbridge/protocol'
import type { AppId } from '../access/principal.ts'
import type { Clock } from '../clock.ts'
import { reaches } from '../store/ui-message-state.ts'
import type { UiMessage, UiMessageId, UiMessageStore, UiPage } from '../store/ui-message-store.ts'
import { endFor, toPageMessage } from './page-message.ts'

export interface PageSink {
  show(message: PageMessage): void
  /** Undefined while the page keeps up; else resolves when it has read, or is gone. */
  ready(): Promise<void> | undefined
  end(id: string, reason: PageMessageEnd): void
}

export interface ConnectedPage {
  readonly appId: AppId
  readonly page: UiPage
  readonly sink: PageSink
}

export interface PageHub {
  readonly size: number
  add(connected: ConnectedPage): void
  remove(connected: ConnectedPage): void
  /** What waits for a page, oldest first. */
  waitingFor(connected: ConnectedPage): Promise<readonly UiMessageId[]>
  /** Shows a page these, as far as it reads. @returns the rest, for when it is ready. */
  showWaiting(connected: ConnectedPage, ids: readonly UiMessageId[]): Promise<readonly UiMessageId[]>
  /** Shows, or ends, what has changed, to all. */
  tell(changed: readonly UiMessage[]): Promise<void>
}

export interface PageHubDeps {
  readonly store: Pick<UiMessageStore, 'openFor' | 'find' | 'markDelivered'>
  readonly clock: Clock
}

export function createPageHub({ store, clock }: PageHubDeps): PageHub {
  /** Of each page, the messages that it shows. */
  const pages = new Map<ConnectedPage, Set<string>>()
  const byUser = new Map<string, Set<ConnectedPage>>()
  const keyOf = (appId: AppId, user: string) => JSON.stringify([appId, user])

  /** @returns whether the page was shown it now. */
  function tellOne(connected: ConnectedPage, message: UiMessage): boolean {
    const shown = pages.get(connected)
    if (shown === undefined || !reaches(message, connected.page)) return false
    const end = endFor(message, connected.page)
    if (end !== null) {
      if (shown.delete(message.id)) connected.sink.end(message.id, end)
      return false
    }
    if (shown.has(message.id) || message.expiresAt <= clock.now()) return false
    shown.add(message.id)
    connected.sink.show(toPageMessage(message))
    return true
  }

  async function markShown(messages: readonly UiMessage[]): Promise<void> {
    const ids: UiMessageId[] = messages.filter(({ state }) => state === 'queued').map(({ id }) => id)
    if (ids.length > 0) await store.markDelivered(ids)
  }

  return {
    get size() {
      return pages.size
    },
    add(connected) {
      pages.set(connected, new Set())
      const key = keyOf(connected.appId, connected.page.user)
      byUser.set(key, (byUser.get(key) ?? new Set()).add(connected))
    },
    remove(connected) {
      pages.delete(connected)
      const key = keyOf(connected.appId, connected.page.user)
      const others = byUser.get(key)
      others?.delete(connected)
      if (others?.size === 0) byUser.delete(key)
    },
    async waitingFor({ appId, page }) {
      return (await store.openFor(appId, page, clock.now())).map(({ id }) => id)
    },
    async showWaiting(connected, ids) {
      const shown: UiMessage[] = []
      let next = 0
      // One at least, so that it goes on; more would only pile up here.
      do {
        const message = await store.find(connected.appId, ids[next] ?? '')
        if (message !== null && tellOne(connected, message)) shown.push(message)
        next += 1
      } while (next < ids.length && connected.sink.ready() === undefined)
      await markShown(shown)
      return ids.slice(next)
    },
    async tell(changed) {
      const shown = changed.filter((message) => {
        const users = [...new Set(message.users)]
        const connected = users.flatMap((user) => [...(byUser.get(keyOf(message.appId, user)) ?? [])])
        return connected.map((page) => tellOne(page, message)).includes(true)
      })
      await markShown(shown)
    },
  }
}
