/** What is wrong with a selector, a where clause or a sort order, and where. */

export interface SelectorError {
  /** A sentence for the person who wrote the text; it names the place and, where there is one, the fix. */
  readonly message: string
  /** 0-based offset in the text, counted as JavaScript counts string offsets. */
  readonly position: number
  /** The text around the position, at most 24 characters. */
  readonly near: string
  /** Set where the text names a column that the table does not have. */
  readonly unknownColumn?: string
}

/** Carries a problem from deep inside a parser to its entry, which turns it into a `SelectorError`. */
export class SelectorProblem extends Error {
  override name = 'SelectorProblem'
  readonly position: number
  /** How to put it right, where that is not plain from the message. */
  readonly hint: string | undefined

  constructor(message: string, position: number, hint?: string) {
    super(message)
    this.position = position
    this.hint = hint
  }
}

const charactersAround = 12

/** The outcome of a problem found while reading `text`. */
export function locateProblem(text: string, problem: SelectorProblem): SelectorError {
  const { position, hint } = problem
  const near = excerpt(text, position)
  const place = `${problem.message} at position ${position}, near "${near}"`
  return { message: hint === undefined ? place : `${place}; ${hint}`, position, near }
}

/** Backendless' words for it, which its clients' own tests look for. */
export function unknownColumn(
  { name, position }: { name: string; position: number },
  table: string,
): SelectorError {
  return {
    message: `Column '${name}' does not exist in table '${table}'`,
    position,
    near: name,
    unknownColumn: name,
  }
}

function excerpt(text: string, position: number): string {
  const slice = text.slice(Math.max(0, position - charactersAround), position + charactersAround)
  // A cut may leave half of a surrogate pair, and a line break would break the sentence.
  return Array.from(slice.toWellFormed(), (char) => (char < ' ' ? ' ' : char)).join('')
}
