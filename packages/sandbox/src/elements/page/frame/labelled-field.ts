/** A field of the payment element: label, input, and the place for its error. */
import { make } from './dom.ts'
import type { TypedInput } from './typed-input.ts'

export interface LabelledField {
  readonly root: HTMLElement
  readonly label: HTMLElement
  /** Shows the input's problem, or takes it away. */
  showProblem(): void
}

export function labelledField(name: string, text: string, field: TypedInput, extra?: Node): LabelledField {
  const { input } = field
  input.id = `Field-${name}Input`
  input.classList.add('Input')
  const errorId = `Field-${name}Error`
  const label = make('label', { for: input.id, class: 'Label' }, text)
  const error = make('p', { id: errorId, class: 'Error', role: 'alert' })
  error.hidden = true
  const box = make('div', { class: 'InputBox' }, input, ...(extra ? [extra] : []))
  const root = make('div', { class: `Field Field--${name}`, 'data-field': name }, label, box, error)
  return {
    root,
    label,
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
