/** What a numbered step of the SQLite schema is made of. */

export interface Migration {
  /** From 1 upward, gaps allowed; never renumbered. */
  readonly number: number
  /** Kebab-case, as in the file's name. */
  readonly name: string
  /**
   * Statements that run in one transaction, together with the note that they have run. They have `sha256(text)`,
   * in hexadecimal.
   */
  readonly sql: string
}
