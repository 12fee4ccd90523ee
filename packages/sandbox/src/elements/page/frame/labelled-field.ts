/** A field of the payment element: label, input, and the place for its error. */
import { make } from './dom.ts'
import type { TypedInput } from './typed-input.ts'

export interface LabelledField {
  readonly root: HTMLElement
  setLabel(text: string): void
  /** Shows the input's problem, or takes it away. */
  showProblem(): void
}

export interface LabelledFieldParts {
  /** Said behind the label by screen readers only. */
  hint?: string | undefined
  /** Stands in the input's box. */
  extra?: Node | undefined
}

export function labelledField(
  name: string,
  text: string,
  field: TypedInput,
  { hint, extra }: LabelledFieldParts = {},
): LabelledField {
  const { input } = field
  input.id = `Field-${name}Input`
  input.classList.add('Input')
  const errorId = `Field-${name}Error`
  const words = make('span', {}, text)
  const label = make('label', { for: input.id, class: 'Label' }, words)
  if (hint !== undefined) label.append(make('span', { class: 'Hidden' }, ` ${hint}`))
  const error = make('p', { id: errorId, class: 'Error', role: 'alert' })
  error.hidden = true
  const box = make('div', { class: 'InputBox' }, input, ...(extra ? [extra] : []))
  const root = make('div', { class: `Field Field--${name}`, 'data-field': name }, label, box, error)
  return {
    root,
    setLabel(next) {
      words.textContent = next
    },
    showProblem() {
      const problem = field.shownProblem()
      error.hidden = problem === undefined
      if (error.textContent !== (problem?.message ?? '')) error.textContent = problem?.message ?? ''
      input.classList.toggle('Input--invalid', problem !== undefined)
      label.classList.toggle('Label--invalid', problem !== undefined)
      if (problem) input.setAttribute('aria-describedby', errorId)
      else input.removeAttribute('aria-describedby')
    },
  }
}
