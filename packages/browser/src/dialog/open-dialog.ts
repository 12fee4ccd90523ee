/** The dialog that shoppers see: a native modal one, whose frame is out of reach of the page's styles. */

import { adoptStyles } from './adopt-styles.ts'
import { dialogCss, fieldCss } from './dialog-styles.ts'
import { lockScroll } from './lock-scroll.ts'
import { type Look, readLook } from './look.ts'
import { icon, make } from './make.ts'
import { stepAside } from './step-aside.ts'
import type { Texts } from './texts.ts'

export type Theme = 'auto' | 'light' | 'dark'

export interface DialogOptions {
  /** Shown as text, whatever it holds. */
  readonly title: string
  readonly submitLabel: string
  readonly texts: Texts
  /** `auto` follows the shopper's system. */
  readonly theme?: Theme
  /** Nothing is typed in it, nor given up: it has its button, and no more. */
  readonly isNotice?: boolean
  /** Whether a click beside the dialog gives up; by default it does nothing, since it would lose what was typed. */
  readonly closeOnBackdrop?: boolean
  /** The button, or Enter in a field. Never while the dialog is loading or busy. */
  onSubmit(): void
  /** The shopper gives up: Esc, Cancel, the cross, Back on a phone. Never while the dialog is busy. Close it here. */
  onCancel(): void
}

/** Take a turn (page-turns.ts) before you open one. */
export interface Dialog {
  /** Where the fields go: a form in the page's own tree, because Stripe's frames live in no other. */
  readonly body: HTMLElement
  readonly closed: boolean
  /** Until then the body shows a placeholder. A dialog opens loading. */
  setLoading(loading: boolean): void
  /** While busy nothing can be typed, sent or given up, and what Stripe shows over the page can be reached. */
  setBusy(busy: boolean): void
  /** Said aloud by screen readers; null takes it away. */
  showError(text: string | null): void
  /** Such as "$19.99"; null: no amount. */
  setAmount(text: string | null): void
  setSubmitLabel(text: string): void
  /** Colors and font as they are now, for fields in frames. */
  look(): Look
  /** Runs when the shopper's system turns dark or light. */
  onLookChange(listener: () => void): void
  /** Brings the shopper back to where he was. Further calls do nothing. */
  close(): void
}

const CROSS = 'M3.5 3.5l9 9m0-9l-9 9'
const LOCK = 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5'
const ALERT = 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13M8 4.5v4.2M8 11v.3'

export function openDialog(options: DialogOptions): Dialog {
  const { texts } = options
  const opener = document.activeElement
  const host = make('div', { 'data-tollbridge-dialog': '' })
  const body = make('form', { class: 'tollbridge-form', novalidate: '' }, make('button', { hidden: '' }))
  const title = make('h2', { id: 'title' }, options.title || texts.title)
  const amount = make('p', { class: 'amount' })
  const alert = make('p', { role: 'alert', class: 'alert' })
  const note = make('p', { class: 'note' }, icon(LOCK), texts.note)
  const status = make('p', { role: 'status', class: 'unseen' })
  const submitText = make('span', {}, options.submitLabel)
  const submit = make('button', { type: 'button', class: 'submit' }, submitText)
  const cancel = make('button', { type: 'button', class: 'cancel' }, texts.cancel)
  const cross = make('button', { type: 'button', class: 'cross', 'aria-label': texts.close }, icon(CROSS))
  const dialog = make(
    'dialog',
    { 'aria-labelledby': 'title', 'aria-modal': 'true', tabindex: '-1', closedby: 'none' },
    // Of the dialog, not of the page, whose own banner stands behind it.
    make('header', { role: 'none' }, make('div', {}, title, amount), cross),
    make('div', { class: 'content' }, make('slot'), alert),
    make('footer', { role: 'none' }, ...(options.isNotice ? [] : [cancel]), submit),
    ...(options.isNotice ? [] : [note]),
    status,
  )
  const shadow = host.attachShadow({ mode: 'open' })
  shadow.append(make('div', { class: 'veil' }), dialog)
  host.append(body)
  adoptStyles(shadow, dialogCss)
  adoptStyles(document, fieldCss)

  const dark = matchMedia('(prefers-color-scheme: dark)')
  const lookListeners: (() => void)[] = []
  const paint = (): void => {
    const { theme = 'auto' } = options
    host.dataset['theme'] = theme === 'auto' ? (dark.matches ? 'dark' : 'light') : theme
    for (const listener of lookListeners) listener()
  }
  let state: 'loading' | 'ready' | 'busy' | 'closed' = 'loading'
  let comeBack: (() => void) | undefined

  function enter(next: typeof state): void {
    state = next
    host.dataset['state'] = next
    body.inert = next !== 'ready'
    submit.setAttribute('aria-disabled', String(next !== 'ready'))
    cancel.disabled = cross.disabled = next === 'busy'
    status.textContent = next === 'busy' ? texts.working : next === 'loading' ? texts.loading : ''
  }
  function giveUp(): void {
    if (state !== 'busy' && state !== 'closed') options.onCancel()
  }
  function send(event: Event): void {
    event.preventDefault()
    if (state === 'ready') options.onSubmit()
  }

  submit.addEventListener('click', send)
  body.addEventListener('submit', send)
  cancel.addEventListener('click', giveUp)
  cross.addEventListener('click', giveUp)
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault()
    giveUp()
  })
  dialog.addEventListener('keydown', (event) => {
    // Below a page's own dialog or menu the key means this dialog alone.
    event.stopPropagation()
    if (event.key !== 'Escape') return
    event.preventDefault()
    giveUp()
  })
  dialog.addEventListener('click', (event) => {
    if (options.closeOnBackdrop && event.target === dialog && !isInside(dialog, event)) giveUp()
  })
  dialog.addEventListener('close', () => {
    // An older browser closes for the second Esc whatever one says.
    if (dialog.open || state === 'closed') return
    if (state === 'busy') dialog.show()
    else giveUp()
  })
  // A focus trap of the page must not pull the shopper out.
  host.addEventListener('focusin', (event) => event.stopPropagation())
  dark.addEventListener('change', paint)

  // A script in the head may ask before there is a body.
  const place = document.body ?? document.documentElement
  place.append(host)
  paint()
  enter('loading')
  dialog.showModal()
  // Not on a button: what is read first is the title.
  dialog.focus()
  const unlock = lockScroll(dialog)
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
    dialog.animate([{ opacity: 0, translate: '0 16px' }, {}], { duration: 220, easing: 'ease-out' })
  }

  return {
    body,
    get closed() {
      return state === 'closed'
    },
    setLoading(loading) {
      if (state !== 'closed') enter(loading ? 'loading' : 'ready')
    },
    setBusy(busy) {
      if (state === 'closed' || busy === (state === 'busy')) return
      enter(busy ? 'busy' : 'ready')
      if (busy) comeBack = stepAside(dialog, host)
      else comeBack?.()
    },
    showError(text) {
      alert.replaceChildren(...(text ? [icon(ALERT), make('span', {}, text)] : []))
    },
    setAmount(text) {
      amount.textContent = text
    },
    setSubmitLabel(text) {
      submitText.textContent = text
    },
    look: () => readLook(dialog, { muted: note, danger: alert, accent: submit, field: cancel }),
    onLookChange: (listener) => void lookListeners.push(listener),
    close() {
      if (state === 'closed') return
      if (state === 'busy') comeBack?.()
      enter('closed')
      dark.removeEventListener('change', paint)
      unlock()
      dialog.close()
      host.remove()
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    },
  }
}

function isInside(element: Element, { clientX, clientY }: MouseEvent): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect()
  return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom
}
