/** The public face of the protocol package. */
export { type ParsedChannel, parseChannel, STRIPE_CHANNEL } from './channels.ts'
export {
  type AmountProblem,
  amountProblem,
  type Currency,
  currencies,
  findCurrency,
  formatAmount,
  formatMinorUnits,
  LARGEST_AMOUNT,
  parseMajorUnits,
} from './currencies.ts'
export { type ErrorCode, type ErrorRow, type ErrorType, errorCodes, errorRow } from './error-codes.ts'
export {
  type PublicationHeaders,
  type StreamMessage,
  TRANSACTION_PINS,
  type TransactionPin,
} from './publication.ts'
export { LONGEST_QUOTE } from './quotes.ts'
export { checkFields } from './selector/check-fields.ts'
export {
  type CompileSqlOptions,
  compileSql,
  type SelectorSql,
  type SqlDialect,
} from './selector/compile-sql.ts'
export type { Field, FieldType, SelectorFields } from './selector/fields.ts'
export {
  compileMatcher,
  type Matcher,
  type SelectorRow,
  type SelectorValue,
} from './selector/match-selector.ts'
export { type OrderByOutcome, type OrderTerm, parseOrderBy } from './selector/order-by.ts'
export { parseSelector, type SelectorOutcome, selectorLimits } from './selector/parse-selector.ts'
export { pinnedLiterals } from './selector/pinned-literals.ts'
export { printSelector } from './selector/print-selector.ts'
export type { Expression } from './selector/selector-ast.ts'
export type { SelectorError } from './selector/selector-error.ts'
export {
  callbacksOf,
  type PageCallback,
  type PageMessage,
  type PageMessageEnd,
  UI_ENVELOPE_FIELDS,
  type UiTarget,
  uiPlugins,
} from './ui-messages.ts'
