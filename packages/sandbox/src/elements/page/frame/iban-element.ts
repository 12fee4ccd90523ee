/** The IBAN element. */
import { readIban } from '../shared/iban-field.ts'
import { readerIn } from '../shared/words.ts'
import { make } from './dom.ts'
import { type FrameElement, type FrameElementContext, type Options, textOption } from './frame-element.ts'
import { elementStyleSheet } from './style-rules.ts'
import { typedInput } from './typed-input.ts'

export function createIbanElement({ options: given, notify, words }: FrameElementContext): FrameElement {
  let options = given
  let styleSheet = elementStyleSheet(undefined)
  const field = typedInput(
    {
      name: 'iban',
      autocomplete: 'off',
      'aria-label': 'IBAN',
      'data-elements-stable-field-name': 'iban',
    },
    readerIn(words, readIban),
    { change: changed, completed: () => {}, emptied: () => {} },
  )
  field.input.classList.add('InputElement')
  const badge = make(
    'span',
    { class: 'SandboxBadge', title: 'A local sandbox: no account is debited.' },
    'Sandbox',
  )
  const root = make(
    'form',
    { class: 'CardLine', novalidate: '', 'data-type': 'iban' },
    make('span', { class: 'CardCell CardCell--iban' }, field.input),
    badge,
  )
  root.addEventListener('submit', (event) => event.preventDefault())

  function changed(): void {
    const { state, value } = field.reading()
    notify('change', {
      elementType: 'iban',
      empty: state === 'empty',
      complete: state === 'complete',
      error: field.shownProblem(),
      country: value.slice(0, 2),
      bankName: state === 'complete' ? 'Sandbox Bank' : '',
    })
  }
  function update(more: Options): void {
    options = { ...options, ...more }
    const sheets = document.adoptedStyleSheets.filter((sheet) => sheet !== styleSheet)
    styleSheet = elementStyleSheet(options['style'])
    document.adoptedStyleSheets = [...sheets, styleSheet]
    field.input.disabled = options['disabled'] === true
    field.input.placeholder = `${textOption(options, 'placeholderCountry') ?? 'DE'}00 0000 0000 0000 0000 00`
  }

  update(options)
  return {
    root,
    update,
    clear() {
      field.clear()
      changed()
    },
    focus: () => field.input.focus(),
    validate() {
      field.reveal()
      changed()
      return field.reading().problem
    },
    methodData: () => ({ type: 'sepa_debit', sepa_debit: { iban: field.reading().value } }),
  }
}
