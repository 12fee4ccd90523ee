/** SEPA Direct Debit in the payment element: IBAN, with the holder's name and email address. */
import { readingOf } from '../shared/field-reading.ts'
import { readIban } from '../shared/iban-field.ts'
import { fieldError } from '../shared/stripe-js-error.ts'
import { readerIn } from '../shared/words.ts'
import { revealProblems } from './card-inputs.ts'
import { make } from './dom.ts'
import { optionAt, textOption } from './frame-element.ts'
import { labelledField } from './labelled-field.ts'
import type { MethodForm, MethodFormContext } from './method-form.ts'
import { typedInput } from './typed-input.ts'

export function debitForm({ options: given, words, changed }: MethodFormContext): MethodForm {
  let options = given
  const events = { change: show, completed: () => {}, emptied: () => {} }
  const iban = typedInput(
    { name: 'iban', placeholder: 'DE00 0000 0000 0000 0000 00', 'data-elements-stable-field-name': 'iban' },
    readerIn(words, readIban),
    events,
  )
  const name = typedInput(
    { name: 'name', autocomplete: 'billing name', placeholder: ' ' },
    readerIn(words, readName),
    events,
  )
  const email = typedInput(
    { name: 'email', autocomplete: 'billing email', inputmode: 'email', placeholder: ' ' },
    readerIn(words, readEmail),
    events,
  )
  for (const [field, key] of [
    [name, 'name'],
    [email, 'email'],
  ] as const) {
    const value = textOption(given, 'defaultValues', 'billingDetails', key)
    if (value !== undefined) field.set(value)
  }
  const fields = {
    name: labelledField('name', words.fullName, name),
    email: labelledField('email', words.email, email),
    iban: labelledField('iban', 'IBAN', iban),
  }
  const root = make(
    'div',
    { class: 'MethodForm DebitForm' },
    ...Object.values(fields).map((field) => field.root),
    make('p', { class: 'TermsText' }, words.mandate),
  )
  const asks = (field: 'name' | 'email'): boolean =>
    textOption(options, 'fields', 'billingDetails') !== 'never' &&
    textOption(options, 'fields', 'billingDetails', field) !== 'never'
  const current = () => [...(asks('name') ? [name] : []), ...(asks('email') ? [email] : []), iban]
  function show(): void {
    fields.name.root.hidden = !asks('name')
    fields.email.root.hidden = !asks('email')
    for (const field of Object.values(fields)) field.showProblem()
    changed()
  }

  return {
    type: 'sepa_debit',
    label: 'SEPA Debit',
    root,
    update(more) {
      options = more
      for (const { input } of [iban, name, email]) input.readOnly = optionAt(more, 'readOnly') === true
      show()
    },
    clear() {
      for (const field of [iban, name, email]) field.clear()
      show()
    },
    focus: () => current()[0]?.input.focus(),
    state() {
      const states = current().map((field) => field.reading().state)
      return {
        empty: states.every((state) => state === 'empty'),
        complete: states.every((state) => state === 'complete'),
      }
    },
    validate() {
      const problem = revealProblems(current())
      show()
      return problem
    },
    methodData: () => ({
      type: 'sepa_debit',
      sepa_debit: { iban: iban.reading().value },
      billing_details: {
        ...(asks('name') && { name: name.reading().value }),
        ...(asks('email') && { email: email.reading().value }),
      },
    }),
  }
}

function readName(raw: string) {
  return readingOf(
    raw,
    raw.trim(),
    raw.trim() !== '',
    fieldError('incomplete_name', 'Your name is incomplete.'),
  )
}

function readEmail(raw: string) {
  const complete = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(raw.trim())
  return readingOf(raw, raw.trim(), complete, fieldError('incomplete_email', 'Your email is incomplete.'))
}
