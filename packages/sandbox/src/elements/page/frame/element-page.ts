/** An element's frame: builds the element that its host asks for, and serves the host's calls. */

import type { ElementType } from '../../element-types.ts'
import { type ApiClient, type ApiResult, createApiClient } from '../shared/api-client.ts'
import type { FieldError } from '../shared/stripe-js-error.ts'
import { languageFor } from '../shared/words.ts'
import { createCardElement } from './card-element.ts'
import { createExpressElement } from './express-element.ts'
import type { FrameElement, FrameElementContext, GroupFacts, Options } from './frame-element.ts'
import { type HostLink, openHostLink } from './host-link.ts'
import { createIbanElement } from './iban-element.ts'
import { createPaymentElement } from './payment-element.ts'
import { offerToPeers, peersNamed } from './peers.ts'
import { appearanceStyleSheet } from './style-rules.ts'

export interface ElementInit {
  key: string
  type: ElementType
  options: Options
  group: GroupFacts
}

const BUILDERS: Record<ElementType, (context: FrameElementContext) => FrameElement> = {
  card: (context) => createCardElement('card', context),
  cardNumber: (context) => createCardElement('cardNumber', context),
  cardExpiry: (context) => createCardElement('cardExpiry', context),
  cardCvc: (context) => createCardElement('cardCvc', context),
  payment: createPaymentElement,
  iban: createIbanElement,
  expressCheckout: createExpressElement,
}

export function runElementPage(): void {
  let init: ElementInit | undefined
  let element: FrameElement | undefined
  let api: ApiClient | undefined
  const group: GroupFacts = {}
  let themeSheet: CSSStyleSheet | undefined
  const baseSheets = [...document.adoptedStyleSheets]

  const link: HostLink = openHostLink({
    init(params) {
      init = params as ElementInit
      api = createApiClient({ origin: '', key: init.key })
      setGroup(init.group)
      build(init)
      offerToPeers({
        validate: () => element?.validate(),
        card: () => (element?.methodData()['card'] ?? {}) as Options,
      })
    },
    group(params) {
      const before = JSON.stringify([group.methodTypes, group.locale])
      setGroup(params as GroupFacts)
      // Other ways to pay are another form, and so is another language.
      if (init && JSON.stringify([group.methodTypes, group.locale]) !== before) build(init)
    },
    update(params) {
      if (init) init = { ...init, options: { ...init.options, ...(params as Options) } }
      element?.update(params as Options)
    },
    clear: () => element?.clear(),
    focus: () => element?.focus(),
    blur: () => (document.activeElement as HTMLElement | null)?.blur(),
    collapse: () => element?.collapse?.(),
    validate: () => validate(),
    createPaymentMethod: (params) => send('/v1/payment_methods', (data) => merge(data, params as Options)),
    createConfirmationToken: (params) =>
      send('/v1/confirmation_tokens', (data) => {
        const { payment_method_data: given, ...rest } = params as Options
        return { ...rest, payment_method_data: merge(data, (given ?? {}) as Options) }
      }),
    createToken: (params) =>
      send('/v1/tokens', (data) => {
        const postal = (data['billing_details'] as { address?: { postal_code?: string } } | undefined)
          ?.address
        return {
          card: { address_zip: postal?.postal_code, ...(data['card'] as Options), ...(params as Options) },
        }
      }),
  })

  function build({ type, options }: ElementInit): void {
    // An element adds sheets of its own, which go with it.
    document.adoptedStyleSheets = [...baseSheets, ...(themeSheet ? [themeSheet] : [])]
    const words = languageFor(group.locale, navigator.languages)
    document.documentElement.lang = words.locale
    element = BUILDERS[type]({ options, group, words, notify: link.notify })
    document.body.replaceChildren(element.root)
    watch(element.root, link)
  }
  function setGroup(facts: GroupFacts): void {
    Object.assign(group, facts)
    const { appearance } = group
    document.documentElement.dataset['theme'] = appearance?.theme ?? 'stripe'
    // Light text on nothing reads, to whoever measures contrasts in here, as light text on white.
    document.documentElement.style.backgroundColor = appearance?.theme === 'night' ? (group.ground ?? '') : ''
    document.body.className = 'Themed'
    document.body.classList.toggle('labels-floating', appearance?.labels === 'floating')
    document.body.classList.toggle('inputs-condensed', appearance?.inputs === 'condensed')
    const sheets = document.adoptedStyleSheets.filter((sheet) => sheet !== themeSheet)
    themeSheet = appearanceStyleSheet(appearance)
    document.adoptedStyleSheets = [...sheets, themeSheet]
  }
  function validate(): FieldError | undefined {
    const problems = [element?.validate(), ...peersNamed(group.peers ?? []).map((peer) => peer.validate())]
    return problems.find((problem) => problem !== undefined) as FieldError | undefined
  }
  async function send(
    path: string,
    fields: (data: Record<string, unknown>) => Record<string, unknown>,
  ): Promise<ApiResult> {
    const problem = validate()
    if (problem) return { error: { ...problem } }
    if (!element || !api) return { error: { type: 'api_error', message: 'This element is not ready yet.' } }
    return api.post(path, fields(element.methodData()))
  }
}

/** What the page gives in addition wins, such as its billing details over a typed postal code. */
function merge(typed: Record<string, unknown>, given: Options): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...typed }
  for (const [name, value] of Object.entries(given)) {
    const before = merged[name]
    const nested = isRecord(value) && isRecord(before)
    if (value !== undefined && value !== null) merged[name] = nested ? merge(before, value) : value
  }
  return merged
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Tells the host of the frame's height, focus and keys. */
function watch(root: HTMLElement, link: HostLink): void {
  let focused = false
  const setFocused = (now: boolean): void => {
    if (now !== focused) link.notify(now ? 'focus' : 'blur')
    focused = now
  }
  root.addEventListener('focusin', () => setFocused(true))
  root.addEventListener('focusout', (event) => {
    if (!(event.relatedTarget instanceof Node && root.contains(event.relatedTarget))) setFocused(false)
  })
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') link.notify('escape')
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement) link.notify('enter')
  })
  // Caught on its way down, so that the host hears of the edit before it hears what came of it.
  for (const name of ['input', 'change']) root.addEventListener(name, () => link.notify('edit'), true)
  // The style sheet runs this animation when the browser fills a field in.
  root.addEventListener('animationstart', (event) => {
    if (event.animationName === 'autofilled') link.notify('autofill')
  })
  new ResizeObserver(() => link.notify('height', Math.ceil(root.getBoundingClientRect().height))).observe(
    root,
  )
}
