/** What the payment element asks of the form of each way to pay. */
import type { FieldError } from '../shared/stripe-js-error.ts'
import type { Language } from '../shared/words.ts'
import type { Options } from './frame-element.ts'

/** One way to pay. */
export interface MethodForm {
  readonly type: string
  readonly label: string
  readonly root: HTMLElement
  update(options: Options): void
  clear(): void
  focus(): void
  state(): { empty: boolean; complete: boolean }
  validate(): FieldError | undefined
  methodData(): Record<string, unknown>
}

export interface MethodFormContext {
  options: Options
  words: Language
  changed(): void
}
