/** Tells the shopper something, in a dialog of its own, until he closes it. */
import { type DialogOptions, openDialog } from './open-dialog.ts'
import { takeTurn } from './page-turns.ts'

export interface Notice extends Pick<DialogOptions, 'title' | 'texts' | 'theme'> {
  /** Read aloud by screen readers. */
  readonly text: string
  /** Aborting it takes the notice away, or its place in the queue. */
  readonly signal: AbortSignal
}

export async function showNotice({ text, signal, ...options }: Notice): Promise<void> {
  const endTurn = await takeTurn(signal).catch(() => {})
  if (!endTurn) return
  const close = (): void => {
    dialog.close()
    signal.removeEventListener('abort', close)
    endTurn()
  }
  const dialog = openDialog({
    ...options,
    isNotice: true,
    submitLabel: options.texts.close,
    onSubmit: close,
    onCancel: close,
  })
  signal.addEventListener('abort', close)
  dialog.setLoading(false)
  dialog.showError(text)
}
