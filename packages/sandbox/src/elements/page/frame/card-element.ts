/** The card in one line, and its parts in a frame each. */

import type { ElementType } from '../../element-types.ts'
import { type CardBrand, cardBrand } from '../shared/card-fields.ts'
import { brandIcon } from './brand-icon.ts'
import {
  type CardField,
  type CardInputs,
  cardParams,
  createCardInputs,
  listInputs,
  revealProblems,
} from './card-inputs.ts'
import { isAmerican } from './countries.ts'
import { make } from './dom.ts'
import {
  type FrameElement,
  type FrameElementContext,
  type Options,
  optionAt,
  textOption,
} from './frame-element.ts'
import { partsOfPeers } from './peers.ts'
import { elementStyleSheet } from './style-rules.ts'

export type CardElementType = Extract<ElementType, 'card' | 'cardNumber' | 'cardExpiry' | 'cardCvc'>

const FIELDS: Record<CardElementType, readonly CardField[]> = {
  card: ['number', 'expiry', 'cvc', 'postal'],
  cardNumber: ['number'],
  cardExpiry: ['expiry'],
  cardCvc: ['cvc'],
}

export function createCardElement(type: CardElementType, context: FrameElementContext): FrameElement {
  const { group, notify, words } = context
  let options = context.options
  let styleSheet = elementStyleSheet(undefined)
  const inputs = createCardInputs({
    flavour: 'line',
    fields: FIELDS[type],
    words,
    foreignBrand: () => (textOption(options, 'sandboxBrand') as CardBrand | undefined) ?? 'unknown',
    onChange: changed,
  })
  const iconHolder = make('span', { class: 'IconHolder' }, brandIcon('unknown'))
  const lastDigits = make('span', { class: 'InputElement is-complete LastDigits', 'aria-hidden': 'true' })
  const badge = make(
    'span',
    { class: 'SandboxBadge', title: 'A local sandbox: no card is charged.' },
    'Sandbox',
  )
  const root = buildLine()

  function buildLine(): HTMLElement {
    const line = make('form', { class: 'CardLine', novalidate: '', 'data-type': type })
    if (inputs.number) line.append(iconHolder)
    for (const [field, { input }] of Object.entries(inputs)) {
      input.classList.add('InputElement')
      const cell = make('span', { class: `CardCell CardCell--${field}` }, input)
      if (field === 'number') cell.append(lastDigits)
      line.append(cell)
    }
    if (inputs.number) line.append(badge)
    line.addEventListener('submit', (event) => event.preventDefault())
    line.addEventListener('focusin', fold)
    line.addEventListener('focusout', fold)
    return line
  }

  function current(): CardInputs {
    const { postal, ...rest } = inputs
    return postal && options['hidePostalCode'] !== true ? { ...rest, postal } : rest
  }
  /** In a narrow frame a finished number shrinks to its last digits, so that the rest has room. */
  function fold(): void {
    const number = inputs.number
    if (type !== 'card' || !number) return
    const folded = number.reading().state === 'complete' && document.activeElement !== number.input
    root.classList.toggle('is-folded', folded)
    if (folded) root.scrollLeft = 0
    lastDigits.textContent = folded ? number.reading().value.slice(-4) : ''
  }
  function changed(): void {
    fold()
    const fields = listInputs(current())
    const readings = fields.map((field) => field.reading())
    const problem = fields.map((field) => field.shownProblem()).find((found) => found)
    const brand = inputs.number ? cardBrand(inputs.number.reading().value) : undefined
    if (brand && iconHolder.firstElementChild?.getAttribute('data-brand') !== brand) {
      iconHolder.replaceChildren(brandIcon(brand))
    }
    iconHolder.classList.toggle('is-invalid', problem !== undefined)
    iconHolder.classList.toggle(
      'is-complete',
      readings.every(({ state }) => state === 'complete'),
    )
    notify('change', {
      elementType: type,
      empty: readings.every(({ state }) => state === 'empty'),
      complete: readings.every(({ state }) => state === 'complete'),
      error: problem,
      ...(brand && { brand }),
      ...(type === 'card' && { value: { postalCode: current().postal?.reading().value ?? '' } }),
    })
  }
  function update(more: Options): void {
    options = { ...options, ...more }
    const sheets = document.adoptedStyleSheets.filter((sheet) => sheet !== styleSheet)
    styleSheet = elementStyleSheet(options['style'])
    document.adoptedStyleSheets = [...sheets, styleSheet]
    iconHolder.hidden = type === 'card' ? options['hideIcon'] === true : options['showIcon'] !== true
    root.classList.toggle('hides-postal', options['hidePostalCode'] === true)
    const placeholder = textOption(options, 'placeholder')
    for (const { input } of listInputs(inputs)) {
      input.disabled = options['disabled'] === true
      if (placeholder !== undefined && type !== 'card') input.placeholder = placeholder
    }
    const { postal } = inputs
    if (postal) {
      const label = isAmerican(words.locale) ? 'ZIP' : words.postal
      postal.input.placeholder = label
      postal.input.setAttribute('aria-label', label)
      const code = textOption(more, 'value', 'postalCode')
      if (code !== undefined) postal.set(code)
    }
    if (textOption(more, 'sandboxBrand') !== undefined) inputs.cvc?.refresh()
    if (optionAt(more, 'value') !== undefined || 'hidePostalCode' in more) changed()
  }

  update(options)
  return {
    root,
    update,
    clear() {
      for (const field of listInputs(inputs)) field.clear()
      changed()
    },
    focus() {
      const fields = listInputs(current())
      const first = fields.find((field) => field.reading().state !== 'complete') ?? fields[0]
      first?.input.focus()
    },
    validate() {
      const problem = revealProblems(listInputs(current()))
      changed()
      return problem
    },
    methodData() {
      const postal = current().postal?.reading().value
      return {
        type: 'card',
        card: { ...cardParams(inputs), ...partsOfPeers(group.peers ?? []) },
        ...(postal && { billing_details: { address: { postal_code: postal } } }),
      }
    },
  }
}
