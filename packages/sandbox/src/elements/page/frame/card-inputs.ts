/** The four inputs of a card, named as in the real product, that lead from one to the next. */
import {
  type CardBrand,
  cardBrand,
  readCvc,
  readExpiry,
  readNumber,
  readPostalCode,
} from '../shared/card-fields.ts'
import type { FieldError } from '../shared/stripe-js-error.ts'
import { readerIn } from '../shared/words.ts'
import type { Words } from '../shared/words-by-language.ts'
import { type TypedInput, typedInput } from './typed-input.ts'

export const CARD_FIELDS = ['number', 'expiry', 'cvc', 'postal'] as const
export type CardField = (typeof CARD_FIELDS)[number]
export type CardInputs = Partial<Record<CardField, TypedInput>>

/** `line`: the card element and its parts; `form`: the payment element. */
export type CardFlavour = 'line' | 'form'

type Attributes = Readonly<Record<string, string>>

const NUMERIC: Attributes = { inputmode: 'numeric' }
const LINE: (words: Words) => Record<CardField, Attributes> = (words) => ({
  number: {
    ...NUMERIC,
    name: 'cardnumber',
    autocomplete: 'cc-number',
    placeholder: words.number,
    'aria-label': words.numberName,
    'data-elements-stable-field-name': 'cardNumber',
  },
  expiry: {
    ...NUMERIC,
    name: 'exp-date',
    autocomplete: 'cc-exp',
    placeholder: words.expiry,
    'aria-label': words.expiryName,
    'data-elements-stable-field-name': 'cardExpiry',
  },
  cvc: {
    ...NUMERIC,
    name: 'cvc',
    autocomplete: 'cc-csc',
    placeholder: words.cvc,
    'aria-label': words.cvcName,
    'data-elements-stable-field-name': 'cardCvc',
  },
  postal: {
    name: 'postal',
    autocomplete: 'billing postal-code',
    placeholder: words.postal,
    'aria-label': words.postal,
    'data-elements-stable-field-name': 'postalCode',
  },
})
/** Here labels say the names. */
function formAttributes(words: Words): Record<CardField, Attributes> {
  const line = LINE(words)
  const unnamed = (field: CardField): Attributes => {
    const { 'aria-label': _, ...rest } = line[field]
    return rest
  }
  return {
    number: {
      ...unnamed('number'),
      name: 'number',
      id: 'Field-numberInput',
      placeholder: '1234 1234 1234 1234',
    },
    expiry: { ...unnamed('expiry'), name: 'expiry', id: 'Field-expiryInput' },
    cvc: { ...unnamed('cvc'), id: 'Field-cvcInput' },
    postal: { ...unnamed('postal'), name: 'postalCode', id: 'Field-postalCodeInput', placeholder: '12345' },
  }
}

export interface CardInputsOptions {
  flavour: CardFlavour
  fields: readonly CardField[]
  words: Words
  /** The brand when the number is typed in another frame. */
  foreignBrand(): CardBrand
  onChange(): void
}

export function createCardInputs({
  flavour,
  fields,
  words,
  foreignBrand,
  onChange,
}: CardInputsOptions): CardInputs {
  const inputs: CardInputs = {}
  const attributes = flavour === 'line' ? LINE(words) : formAttributes(words)
  const focusBy = (field: CardField, step: 1 | -1): void => {
    const near = fields[fields.indexOf(field) + step]
    const target = near && inputs[near]?.input
    // Not into a field that is out of use, nor away from one that was left already.
    if (target && target.offsetParent !== null && document.activeElement === inputs[field]?.input)
      target.focus()
  }
  const brand = (): CardBrand => {
    const number = inputs.number
    return number ? cardBrand(number.reading().value) : foreignBrand()
  }
  const readers = {
    number: readNumber,
    expiry: (raw: string, deleting: boolean) => readExpiry(raw, deleting, new Date()),
    cvc: (raw: string) => readCvc(raw, brand()),
    postal: readPostalCode,
  }
  for (const field of fields) {
    inputs[field] = typedInput(attributes[field], readerIn(words, readers[field]), {
      change() {
        if (field === 'number') inputs.cvc?.refresh()
        onChange()
      },
      completed: () => focusBy(field, 1),
      emptied: () => focusBy(field, -1),
    })
  }
  return inputs
}

export function listInputs(inputs: CardInputs): TypedInput[] {
  return CARD_FIELDS.flatMap((field) => inputs[field] ?? [])
}

/** Shows all that is missing or wrong, and gives the first of it. */
export function revealProblems(inputs: readonly TypedInput[]): FieldError | undefined {
  for (const field of inputs) field.reveal()
  const wrong = inputs.find((field) => field.reading().problem)
  return wrong?.reading().problem
}

/** The typed values as the API's `card` takes them. */
export function cardParams(inputs: CardInputs): Record<string, string> {
  const expiry = inputs.expiry?.reading().value
  return {
    ...(inputs.number && { number: inputs.number.reading().value }),
    ...(expiry && { exp_month: expiry.slice(0, 2), exp_year: expiry.slice(2) }),
    ...(inputs.cvc && { cvc: inputs.cvc.reading().value }),
  }
}
