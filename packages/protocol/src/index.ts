/** The public face of the protocol package. */
export { type ParsedChannel, parseChannel, STRIPE_CHANNEL } from './channels.ts'
export { type ErrorCode, type ErrorRow, type ErrorType, errorCodes, errorRow } from './error-codes.ts'
export { type PublicationHeaders, type StreamMessage, TRANSACTION_PINS, type TransactionPin } from './publication.ts'
