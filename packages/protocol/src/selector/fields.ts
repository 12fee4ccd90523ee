/** The columns that a where clause may name. */

/** `timestamp` is milliseconds since 1970, in a row and in the database. */
export type FieldType = 'string' | 'number' | 'boolean' | 'timestamp'

/** `sql` is the column as SQL text, from our own source code, never from a caller. */
export interface Field {
  readonly type: FieldType
  readonly sql: string
}

export type SelectorFields = Readonly<Record<string, Field>>
