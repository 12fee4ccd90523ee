/** Card in the payment element: number, expiry, security code, country and, where cards ask for it, postal code. */
import { cardBrand } from '../shared/card-fields.ts'
import { brandIcon } from './brand-icon.ts'
import {
  CARD_FIELDS,
  type CardField,
  cardParams,
  createCardInputs,
  listInputs,
  revealProblems,
} from './card-inputs.ts'
import { countriesIn, countryOf } from './countries.ts'
import { make } from './dom.ts'
import { optionAt, textOption } from './frame-element.ts'
import { type LabelledField, labelledField } from './labelled-field.ts'
import type { MethodForm, MethodFormContext } from './method-form.ts'

// Elsewhere a card's bank does not check the postal code.
const CHECKS_POSTAL_CODE = ['US', 'GB', 'CA', 'PR']

export function cardForm({ options: given, words, changed }: MethodFormContext): MethodForm {
  let options = given
  const labels: Record<CardField, [name: string, label: string, hint?: string]> = {
    number: ['number', words.number],
    // The format belongs to the name, as a label shows it no longer once something is typed.
    expiry: ['expiry', words.expirationDate, words.expiry],
    cvc: ['cvc', words.securityCode],
    postal: ['postalCode', words.postalCode],
  }
  const inputs = createCardInputs({
    flavour: 'form',
    fields: ['number', 'expiry', 'cvc', 'postal'],
    words,
    foreignBrand: () => 'unknown',
    onChange: show,
  })
  const icon = make('span', { class: 'InputIcon' }, brandIcon('unknown'))
  const fields: Partial<Record<CardField, LabelledField>> = {}
  for (const field of CARD_FIELDS) {
    const input = inputs[field]
    const [name, text, hint] = labels[field]
    if (input) {
      fields[field] = labelledField(name, text, input, { hint, extra: field === 'number' ? icon : undefined })
    }
  }
  const country = make('select', {
    name: 'country',
    id: 'Field-countryInput',
    class: 'Input Select',
    autocomplete: 'billing country',
  })
  for (const [code, name] of countriesIn(words.locale)) country.append(make('option', { value: code }, name))
  country.value =
    textOption(given, 'defaultValues', 'billingDetails', 'address', 'country') ?? countryOf(words.locale)
  country.addEventListener('change', show)
  const countryField = make(
    'div',
    { class: 'Field Field--country', 'data-field': 'country' },
    make('label', { for: country.id, class: 'Label' }, words.country),
    make('div', { class: 'InputBox' }, country),
  )
  const code = textOption(given, 'defaultValues', 'billingDetails', 'address', 'postal_code')
  if (code !== undefined) inputs.postal?.set(code)

  const parts = (['number', 'expiry', 'cvc'] as const).flatMap((field) => fields[field]?.root ?? [])
  const root = make('div', { class: 'MethodForm CardForm' }, ...parts, countryField)
  if (fields.postal) root.append(fields.postal.root)

  const asks = (field: string): boolean =>
    ![
      textOption(options, 'fields', 'billingDetails'),
      textOption(options, 'fields', 'billingDetails', 'address'),
      textOption(options, 'fields', 'billingDetails', 'address', field),
    ].includes('never')
  const asksPostalCode = (): boolean => asks('postalCode') && CHECKS_POSTAL_CODE.includes(country.value)
  const current = () => {
    const { postal, ...rest } = inputs
    return listInputs(postal && asksPostalCode() ? { ...rest, postal } : rest)
  }
  function show(): void {
    const brand = cardBrand(inputs.number?.reading().value ?? '')
    if (icon.firstElementChild?.getAttribute('data-brand') !== brand) icon.replaceChildren(brandIcon(brand))
    countryField.hidden = !asks('country')
    if (fields.postal) {
      fields.postal.root.hidden = !asksPostalCode()
      const american = country.value === 'US' || country.value === 'PR'
      fields.postal.setLabel(american && words.locale.startsWith('en') ? 'ZIP code' : words.postalCode)
      if (inputs.postal) inputs.postal.input.placeholder = american ? '12345' : ' '
    }
    root.classList.toggle('has-half-rows', asks('country') && asksPostalCode())
    for (const field of Object.values(fields)) field.showProblem()
    changed()
  }

  return {
    type: 'card',
    label: words.card,
    root,
    update(more) {
      options = more
      const readOnly = optionAt(more, 'readOnly') === true
      for (const { input } of listInputs(inputs)) input.readOnly = readOnly
      country.disabled = readOnly
      show()
    },
    clear() {
      for (const field of listInputs(inputs)) field.clear()
      show()
    },
    focus: () =>
      (current().find((field) => field.reading().state !== 'complete') ?? inputs.number)?.input.focus(),
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
      current()
        .find((field) => field.reading().problem)
        ?.input.focus()
      return problem
    },
    methodData() {
      const address = {
        ...(asks('country') && { country: country.value }),
        ...(asksPostalCode() && { postal_code: inputs.postal?.reading().value }),
      }
      return {
        type: 'card',
        card: cardParams(inputs),
        ...(Object.keys(address).length > 0 && { billing_details: { address } }),
      }
    },
  }
}
