/** An input that formats what is typed and tells what is wrong with it, at the right time. */
import type { ReadField, Reading } from '../shared/field-reading.ts'
import type { FieldError } from '../shared/stripe-js-error.ts'
import { make } from './dom.ts'

export interface TypedInput {
  readonly input: HTMLInputElement
  reading(): Reading
  /** The problem to show: a mistake at once, an unfinished field after it was left or sent. */
  shownProblem(): FieldError | undefined
  /** Shows also what is missing, as a try to send does. */
  reveal(): void
  set(raw: string): void
  clear(): void
  /** Reads again, because what the field depends on changed. */
  refresh(): void
}

export interface TypedInputEvents {
  change(): void
  /** Was completed by typing at its end. */
  completed(): void
  /** Backspace in the empty field. */
  emptied(): void
}

export function typedInput(
  attributes: Readonly<Record<string, string>>,
  read: ReadField,
  events: TypedInputEvents,
): TypedInput {
  const input = make('input', {
    type: 'text',
    autocorrect: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    'aria-invalid': 'false',
    'aria-required': 'true',
    ...attributes,
  })
  let reading = read('', false)
  let revealed: 'nothing' | 'unfinished' | 'everything' = 'nothing'

  function shownProblem(): FieldError | undefined {
    const { state, problem } = reading
    if (state === 'invalid' || revealed === 'everything') return problem
    return revealed === 'unfinished' && state === 'incomplete' ? problem : undefined
  }
  function show(): void {
    input.setAttribute('aria-invalid', String(shownProblem() !== undefined))
    for (const state of ['empty', 'incomplete', 'complete', 'invalid']) {
      input.classList.toggle(`is-${state}`, state === (shownProblem() ? 'invalid' : reading.state))
    }
  }
  function take(raw: string, deleting: boolean): void {
    reading = read(raw, deleting)
    if (input.value !== reading.text) input.value = reading.text
    show()
  }

  input.addEventListener('input', (event) => {
    const deleting = event instanceof InputEvent && event.inputType.startsWith('delete')
    const before = reading.state
    const caret = input.selectionStart ?? input.value.length
    const atEnd = caret === input.value.length
    const signsBeforeCaret = countSigns(input.value.slice(0, caret))
    revealed = 'nothing'
    take(input.value, deleting)
    if (!atEnd && document.activeElement === input) {
      const place = placeAfter(reading.text, signsBeforeCaret)
      input.setSelectionRange(place, place)
    }
    events.change()
    if (atEnd && before !== 'complete' && reading.state === 'complete') events.completed()
  })
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Backspace' && input.value === '') events.emptied()
  })
  input.addEventListener('blur', () => {
    if (reading.state !== 'incomplete' || revealed !== 'nothing') return
    revealed = 'unfinished'
    show()
    events.change()
  })
  show()

  return {
    input,
    reading: () => reading,
    shownProblem,
    reveal() {
      revealed = 'everything'
      show()
    },
    set(raw) {
      take(raw, false)
    },
    clear() {
      revealed = 'nothing'
      take('', false)
    },
    refresh: () => take(input.value, false),
  }
}

function countSigns(text: string): number {
  return text.replace(/[\s/]/g, '').length
}

/** The place in formatted text behind so many letters or digits. */
function placeAfter(text: string, signs: number): number {
  let seen = 0
  for (let place = 0; place < text.length; place++) {
    if (seen === signs) return place
    if (!/[\s/]/.test(text.charAt(place))) seen++
  }
  return text.length
}
