/** Shows a 3-D Secure challenge over the page, and resolves with how the intent stands afterwards. */

import { formatAmount } from '../../../currency-decimals.ts'
import { CHALLENGE_PAGE } from '../../element-types.ts'
import type { ApiObject, ApiResult } from '../shared/api-client.ts'
import { openFrame, setStyles } from './frame-channel.ts'

export interface ChallengeRequest {
  origin: string
  key: string
  intent: ApiObject
}

/** Closing the dialog in any way fails the authentication. */
export function showChallenge({ origin, key, intent }: ChallengeRequest): Promise<ApiResult> {
  const focusedBefore = document.activeElement
  const dialog = document.createElement('dialog')
  dialog.setAttribute('aria-label', '3-D Secure authentication')
  // Esc must not end a payment by accident; the frame has a button for that.
  dialog.setAttribute('closedby', 'none')
  setStyles(dialog, {
    position: 'fixed',
    inset: '0',
    width: '100vw',
    height: '100dvh',
    'max-width': '100vw',
    'max-height': '100dvh',
    margin: '0',
    padding: '0',
    border: 'none',
    overflow: 'hidden',
    background: 'rgb(12 16 32 / 55%)',
  })
  const finished = Promise.withResolvers<ApiResult>()
  const channel = openFrame({
    origin,
    page: CHALLENGE_PAGE,
    title: '3-D Secure authentication',
    styles: {
      display: 'block',
      width: '100%',
      height: '100%',
      border: 'none',
      background: 'transparent',
      'color-scheme': 'light',
    },
    onNotice: (name, detail) => {
      if (name === 'finished') finished.resolve(detail as ApiResult)
    },
    onLoadError: () =>
      finished.resolve({
        error: { type: 'api_connection_error', message: 'The 3-D Secure page did not load.' },
      }),
  })
  dialog.append(channel.iframe)
  dialog.addEventListener('cancel', (event) => event.preventDefault())
  dialog.addEventListener('close', () => void channel.call('finish', 'fail').catch(() => {}))
  // Neither keys nor clicks in here are the business of a dialog that the page may have open below.
  for (const name of ['keydown', 'click', 'cancel'])
    dialog.addEventListener(name, (event) => event.stopPropagation())
  document.body.append(dialog)
  dialog.showModal()
  channel.iframe.focus()
  void channel
    .call('init', { key, clientSecret: intent['client_secret'], question: questionOf(intent) })
    .catch(() => {})

  return finished.promise.finally(() => {
    channel.close()
    dialog.remove()
    if (focusedBefore instanceof HTMLElement) focusedBefore.focus()
  })
}

function questionOf(intent: ApiObject): string {
  if (intent.object !== 'payment_intent') return 'Your bank asks you to confirm that your card may be saved.'
  const money = formatAmount(Number(intent['amount']), String(intent['currency']))
  return `Your bank asks you to confirm a payment of ${money}.`
}
