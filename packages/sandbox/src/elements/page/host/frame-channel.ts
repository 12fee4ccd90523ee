/** A frame of the sandbox in the page, and the line to it. */
import { readMessage, wrapMessage } from '../shared/frame-messages.ts'

export interface FrameChannel {
  readonly iframe: HTMLIFrameElement
  /** Waits until the frame is there; rejects when it refuses, or is closed before it answers. */
  call(method: string, params?: unknown): Promise<unknown>
  close(): void
}

export interface FrameChannelOptions {
  /** Of the sandbox. */
  origin: string
  page: string
  /** As the address names it, which test helpers look for. */
  component?: string
  title: string
  styles: Readonly<Record<string, string>>
  onNotice(name: string, detail: unknown): void
  /** The frame did not come up. */
  onLoadError(): void
}

let lastFrame = 0
const LOAD_TIMEOUT_MS = 20_000

export function openFrame({
  origin,
  page,
  component,
  title,
  styles,
  onNotice,
  onLoadError,
}: FrameChannelOptions): FrameChannel {
  const iframe = document.createElement('iframe')
  iframe.name = `__privateStripeFrame${++lastFrame}`
  iframe.title = title
  iframe.allow = 'payment *; publickey-credentials-get *'
  iframe.setAttribute('frameborder', '0')
  iframe.setAttribute('scrolling', 'no')
  setStyles(iframe, styles)

  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let lastCall = 0
  let closed = false
  const loaded = Promise.withResolvers<void>()
  const giveUp = setTimeout(() => {
    if (!closed) onLoadError()
  }, LOAD_TIMEOUT_MS)

  function listen(event: MessageEvent): void {
    if (event.source !== iframe.contentWindow || event.origin !== origin) return
    const message = readMessage(event.data)
    if (message?.kind === 'notice') {
      if (message.name === 'loaded') {
        clearTimeout(giveUp)
        loaded.resolve()
      } else onNotice(message.name, message.detail)
    } else if (message?.kind === 'answer') {
      const call = waiting.get(message.id)
      waiting.delete(message.id)
      if (message.ok) call?.resolve(message.value)
      else call?.reject(new Error(message.message))
    }
  }
  window.addEventListener('message', listen)
  const address = new URLSearchParams({
    ...(component && { componentName: component }),
    host: location.origin,
    name: iframe.name,
  })
  iframe.src = `${origin}/v3/${page}.html#${address}`

  return {
    iframe,
    async call(method, params) {
      await loaded.promise
      if (closed) throw new Error('The frame is closed.')
      const id = ++lastCall
      const answer = Promise.withResolvers<unknown>()
      waiting.set(id, answer)
      iframe.contentWindow?.postMessage(wrapMessage({ kind: 'call', id, method, params }), origin)
      return answer.promise
    },
    close() {
      closed = true
      clearTimeout(giveUp)
      window.removeEventListener('message', listen)
      iframe.remove()
      for (const { reject } of waiting.values()) reject(new Error('The frame is closed.'))
      waiting.clear()
    },
  }
}

/** By property, since a strict content security policy forbids style attributes. */
export function setStyles(element: HTMLElement, styles: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(styles)) element.style.setProperty(name, value, 'important')
}
