/** Errors before any route, for clients that can read nothing but a form of their own: who knows the form hands it in. */
import type { ServiceError } from '../errors.ts'

export interface ErrorAnswer {
  /** HTTP status. */
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
}

export interface ErrorAbout {
  readonly requestId: string
  /** Of the request, as it came and as far as it was read; null: its head is not whole. */
  readonly url: string | null
}

/** @returns null where the request is none of its clients'. */
export type ErrorForm = (error: ServiceError, about: ErrorAbout) => ErrorAnswer | null

/** The answer of the first form that knows the request. */
export function formedError(
  forms: readonly ErrorForm[],
  error: ServiceError,
  about: ErrorAbout,
): ErrorAnswer | null {
  for (const form of forms) {
    const answer = form(error, about)
    if (answer !== null) return answer
  }
  return null
}
