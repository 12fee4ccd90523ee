/** The payment element: a labelled form for each way to pay that the intent allows. */
import { fieldError } from '../shared/stripe-js-error.ts'
import { problemIn } from '../shared/words.ts'
import { cardForm } from './card-form.ts'
import { debitForm } from './debit-form.ts'
import { make } from './dom.ts'
import { type FrameElement, type FrameElementContext, optionAt, textOption } from './frame-element.ts'
import type { MethodForm, MethodFormContext } from './method-form.ts'

const FORMS: Record<string, (context: MethodFormContext) => MethodForm> = {
  card: cardForm,
  sepa_debit: debitForm,
}

export function createPaymentElement(context: FrameElementContext): FrameElement {
  const { group, notify, words } = context
  let options = context.options
  const offered = (group.methodTypes ?? ['card']).filter((type) => Object.hasOwn(FORMS, type))
  const types = ordered(offered.length > 0 ? offered : ['card'], optionAt(options, 'paymentMethodOrder'))
  const layout = textOption(options, 'layout', 'type') ?? textOption(options, 'layout') ?? 'tabs'
  const accordion = layout === 'accordion'
  const forms = types.flatMap((type) => {
    const build = FORMS[type]
    return build ? build({ options, words, changed }) : []
  })
  let chosen: MethodForm | undefined =
    accordion && optionAt(options, 'layout', 'defaultCollapsed') === true && forms.length > 1
      ? undefined
      : forms[0]

  const buttons = forms.map((form) => {
    const button = make(
      'button',
      {
        type: 'button',
        class: accordion ? 'AccordionItem' : 'Tab',
        role: accordion ? 'button' : 'tab',
        'data-value': form.type,
        'data-testid': form.type,
        id: `${form.type}-tab`,
        'aria-controls': `${form.type}-panel`,
      },
      make('span', { class: 'TabLabel' }, form.label),
    )
    button.addEventListener('click', () => choose(form))
    form.root.id = `${form.type}-panel`
    if (!accordion && forms.length > 1) {
      form.root.setAttribute('role', 'tabpanel')
      form.root.setAttribute('aria-labelledby', button.id)
    }
    return button
  })
  const root = buildRoot()

  function buildRoot(): HTMLElement {
    const wrapper = make('form', { class: 'PaymentForm', novalidate: '' })
    wrapper.addEventListener('submit', (event) => event.preventDefault())
    const single = forms.length === 1
    if (!single && !accordion) {
      const list = make(
        'div',
        { class: 'TabList', role: 'tablist', 'aria-label': words.paymentMethods },
        ...buttons,
      )
      list.addEventListener('keydown', moveAlongTabs)
      wrapper.append(list)
    }
    for (const [index, form] of forms.entries()) {
      const button = buttons[index]
      if (!single && accordion && button) wrapper.append(button)
      wrapper.append(form.root)
    }
    wrapper.append(make('p', { class: 'SandboxNote' }, words.note))
    return wrapper
  }
  function ordered(given: readonly string[], order: unknown): string[] {
    if (!Array.isArray(order)) return [...given]
    const rank = (type: string): number => (order.includes(type) ? order.indexOf(type) : order.length)
    return [...given].sort((a, b) => rank(a) - rank(b))
  }
  /** Arrows lead from tab to tab, as Tab leads from the chosen one into its form. */
  function moveAlongTabs(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = (buttons.indexOf(event.target as HTMLButtonElement) + step + forms.length) % forms.length
    choose(forms[next])
    buttons[next]?.focus()
  }
  function choose(form: MethodForm | undefined): void {
    chosen = form
    show()
    changed()
  }
  function show(): void {
    for (const [index, form] of forms.entries()) {
      const selected = form === chosen
      form.root.hidden = !selected
      const button = buttons[index]
      button?.classList.toggle(accordion ? 'AccordionItem--selected' : 'Tab--selected', selected)
      button?.setAttribute(accordion ? 'aria-expanded' : 'aria-selected', String(selected))
      if (button && !accordion) button.tabIndex = selected ? 0 : -1
    }
  }
  function changed(): void {
    const state = chosen?.state() ?? { empty: true, complete: false }
    notify('change', {
      elementType: 'payment',
      ...state,
      collapsed: chosen === undefined,
      value: { type: chosen?.type ?? forms[0]?.type ?? 'card' },
    })
  }

  show()
  for (const form of forms) form.update(options)
  return {
    root,
    update(more) {
      options = { ...options, ...more }
      for (const form of forms) form.update(options)
    },
    clear() {
      for (const form of forms) form.clear()
      changed()
    },
    focus() {
      if (chosen) chosen.focus()
      else buttons[0]?.focus()
    },
    collapse() {
      if (accordion && forms.length > 1) choose(undefined)
    },
    validate() {
      const problem = chosen
        ? chosen.validate()
        : problemIn(words, fieldError('payment_method_not_selected', 'Please select a payment method.'))
      changed()
      return problem
    },
    methodData: () => chosen?.methodData() ?? {},
  }
}
