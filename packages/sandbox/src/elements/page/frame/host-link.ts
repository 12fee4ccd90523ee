/** The frame's end of the line to the page that embeds it. */
import { addressOf, readMessage, wrapMessage } from '../shared/frame-messages.ts'

export interface HostLink {
  notify(name: string, detail?: unknown): void
}

export type CallHandlers = Record<string, (params: unknown) => unknown>

/** Answers calls of the embedding page only, which named its origin in the frame's address. */
export function openHostLink(handlers: CallHandlers): HostLink {
  const hostOrigin = new URLSearchParams(location.hash.slice(1)).get('host') ?? location.origin
  const send = (message: Parameters<typeof wrapMessage>[0]): void =>
    window.parent.postMessage(wrapMessage(message), addressOf(hostOrigin))

  window.addEventListener('message', async (event) => {
    if (event.source !== window.parent || event.origin !== hostOrigin) return
    const message = readMessage(event.data)
    if (message?.kind !== 'call') return
    const handler = Object.hasOwn(handlers, message.method) ? handlers[message.method] : undefined
    try {
      if (!handler) throw new Error(`This frame knows no ${message.method}.`)
      send({ kind: 'answer', id: message.id, ok: true, value: await handler(message.params) })
    } catch (error) {
      send({ kind: 'answer', id: message.id, ok: false, message: String(error) })
    }
  })
  const link: HostLink = { notify: (name, detail) => send({ kind: 'notice', name, detail }) }
  link.notify('loaded')
  return link
}
