/** What a field makes of the text typed so far. */
import type { FieldError } from './stripe-js-error.ts'

export interface Reading {
  /** As the field shows it, formatted. */
  text: string
  /** Without formatting. */
  value: string
  state: 'empty' | 'incomplete' | 'complete' | 'invalid'
  /** What stands against using it; absent when complete. */
  problem: FieldError | undefined
}

/** Reads raw text; while deleting, no separator is put behind the last digit. */
export type ReadField = (raw: string, deleting: boolean) => Reading

/** The text typed so far is too short, or all there. */
export function readingOf(text: string, value: string, complete: boolean, ifNot: FieldError): Reading {
  const state = value === '' ? 'empty' : complete ? 'complete' : 'incomplete'
  return { text, value, state, problem: complete ? undefined : ifNot }
}
