/** 3-D Secure inside a page: a sheet over the shop, with the bank's page in it. */

import { BANK_PAGE } from '../../element-types.ts'
import { createApiClient } from '../shared/api-client.ts'
import { clientSecretParts } from '../shared/client-secret.ts'
import { make } from './dom.ts'
import { openHostLink } from './host-link.ts'

export interface ChallengeInit {
  key: string
  clientSecret: string
  /** What the bank asks, as a sentence. */
  question: string
}

export function runChallengePage(): void {
  let init: ChallengeInit | undefined
  const cancel = make(
    'button',
    { type: 'button', class: 'SheetClose LightboxModalClose', 'aria-label': 'Cancel authentication' },
    '×',
  )
  const bank = make('iframe', {
    name: 'stripe-challenge-frame',
    id: 'challengeFrame',
    class: 'BankFrame',
    title: '3-D Secure challenge of the bank',
  })
  const status = make('p', { class: 'SheetStatus', role: 'status' })
  // It has the focus at first, so that the Enter of the form before cannot press a button here.
  const sheet = make(
    'div',
    {
      class: 'Sheet',
      role: 'dialog',
      'aria-modal': 'true',
      'aria-label': '3-D Secure authentication',
      tabindex: '-1',
    },
    make(
      'div',
      { class: 'SheetHead' },
      make('span', { class: 'SheetTitle' }, '3-D Secure', make('span', { class: 'SandboxBadge' }, 'Sandbox')),
      cancel,
    ),
    bank,
    status,
  )

  const link = openHostLink({
    init(params) {
      init = params as ChallengeInit
      document.body.className = 'Overlay'
      document.body.replaceChildren(sheet)
      bank.src = `/v3/${BANK_PAGE}.html#${new URLSearchParams({ question: init.question })}`
      sheet.focus()
    },
    finish: (result) => finish(result === 'succeed' ? 'succeed' : 'fail'),
  })
  bank.addEventListener('load', () => {
    const body = bank.contentDocument?.body
    if (!body?.firstElementChild) return
    const fit = (): void => {
      bank.style.height = `${body.scrollHeight}px`
    }
    new ResizeObserver(fit).observe(body.firstElementChild)
  })
  cancel.addEventListener('click', () => finish('fail'))
  window.addEventListener('message', (event) => {
    if (event.source !== bank.contentWindow || event.origin !== location.origin) return
    if (event.data === 'succeed' || event.data === 'fail') finish(event.data)
  })

  let finishing = false
  async function finish(result: 'succeed' | 'fail'): Promise<void> {
    if (!init || finishing) return
    finishing = true
    cancel.disabled = true
    bank.inert = true
    status.textContent = result === 'succeed' ? 'Completing the authentication…' : 'Cancelling…'
    const { key, clientSecret } = init
    const outcome = await createApiClient({ origin: '', key }).post(
      `/v1/sandbox/authentications/${clientSecretParts(clientSecret)?.id}`,
      { client_secret: clientSecret, result },
    )
    link.notify('finished', outcome)
  }
}

/** The bank's page: two buttons, with the ids that tests for Stripe know. */
export function runBankPage(): void {
  const question = new URLSearchParams(location.hash.slice(1)).get('question') ?? ''
  const complete = make(
    'button',
    { type: 'button', id: 'test-source-authorize-3ds', class: 'BankButton' },
    'Complete',
  )
  const fail = make(
    'button',
    { type: 'button', id: 'test-source-fail-3ds', class: 'BankButton BankButton--quiet' },
    'Fail',
  )
  const answer = (result: 'succeed' | 'fail') => (): void =>
    window.parent.postMessage(result, location.origin)
  complete.addEventListener('click', answer('succeed'))
  fail.addEventListener('click', answer('fail'))
  document.body.className = 'Bank'
  document.body.replaceChildren(
    make(
      'main',
      { class: 'BankMain' },
      make('h1', {}, '3D Secure 2 Test Page'),
      make('p', { class: 'BankQuestion' }, question),
      make('p', { class: 'BankNote' }, 'This is a local sandbox. No bank is involved, and no money moves.'),
      make('div', { class: 'BankButtons' }, complete, fail),
    ),
  )
}
