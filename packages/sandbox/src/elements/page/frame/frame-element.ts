/** What every element's frame can do for its host. */
import type { FieldError } from '../shared/stripe-js-error.ts'
import type { Language } from '../shared/words.ts'

export type Options = Readonly<Record<string, unknown>>

export interface FrameElement {
  readonly root: HTMLElement
  update(options: Options): void
  clear(): void
  focus(): void
  collapse?(): void
  /** Shows all that is missing or wrong, and gives the first of it. */
  validate(): FieldError | undefined
  /** A payment method as the API takes it, with what was typed. */
  methodData(): Record<string, unknown>
}

export interface FrameElementContext {
  options: Options
  group: GroupFacts
  words: Language
  notify(name: string, detail?: unknown): void
}

/** What an element must know of its group. */
export interface GroupFacts {
  locale?: string
  appearance?: Appearance
  methodTypes?: readonly string[]
  /** The colour behind the frame; '' where there is none to be named. */
  ground?: string
  /** Names of the frames that hold the other parts of a card. */
  peers?: readonly string[]
}

export interface Appearance {
  theme?: string
  variables?: Readonly<Record<string, string>>
  rules?: Readonly<Record<string, Readonly<Record<string, string>>>>
  labels?: string
  inputs?: string
}

/** Reads a nested option without trusting its shape. */
export function optionAt(options: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Options)[key] : undefined),
    options,
  )
}

export function textOption(options: unknown, ...path: string[]): string | undefined {
  const value = optionAt(options, ...path)
  return typeof value === 'string' ? value : undefined
}
