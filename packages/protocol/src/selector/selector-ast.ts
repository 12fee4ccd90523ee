/** The syntax tree of a selector: what `parseSelector` makes and every other file here reads. */

/** `!=` is read as `<>`; `after`, `at or after`, `before`, `at or before` as `>`, `>=`, `<`, `<=`. */
export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>='

/** A header or column name, without its quotes. `position` is the 0-based offset in the selector's text. */
export interface FieldName {
  readonly name: string
  readonly position: number
}

export type Literal =
  | { readonly kind: 'text'; readonly value: string; readonly position: number }
  /** Finite, never `-0`, and within ±(2^53 − 1). */
  | { readonly kind: 'number'; readonly value: number; readonly position: number }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly position: number }
  | { readonly kind: 'null'; readonly position: number }

/** The field always stands on the left: `10 < foo` is read as `foo > 10`, a bare `livemode` as `livemode = TRUE`. */
export interface Comparison {
  readonly kind: 'comparison'
  readonly field: FieldName
  readonly operator: ComparisonOperator
  readonly value: Literal
}

/** `field IN (…)`; never empty. `NOT IN` is a `Not` around it. */
export interface InList {
  readonly kind: 'in'
  readonly field: FieldName
  readonly values: readonly Literal[]
}

/** Both bounds belong to the range. `NOT BETWEEN` is a `Not` around it. */
export interface Between {
  readonly kind: 'between'
  readonly field: FieldName
  readonly low: Literal
  readonly high: Literal
}

/** `%` is any text, `_` one character; `escapedBy` is the character that takes their meaning away, or null. */
export interface Like {
  readonly kind: 'like'
  readonly field: FieldName
  readonly pattern: string
  readonly escapedBy: string | null
}

export interface IsNull {
  readonly kind: 'isNull'
  readonly field: FieldName
}

export interface Not {
  readonly kind: 'not'
  readonly operand: Expression
}

/** Two operands or more, in the order written. */
export interface And {
  readonly kind: 'and'
  readonly operands: readonly Expression[]
}

/** Two operands or more, in the order written. */
export interface Or {
  readonly kind: 'or'
  readonly operands: readonly Expression[]
}

export type Condition = Comparison | InList | Between | Like | IsNull

export type Expression = And | Or | Not | Condition
