/** The JSON of what the server answers: `{id}`, `{id, data}`, `{id, result}`, `{id, error}`. */
import { withoutKeys } from '../../access/secret-keys-in-text.ts'
import type { ServiceError } from '../../errors.ts'

export function readyJson(id: string): string {
  return JSON.stringify({ id })
}

/** @param data JSON already. */
export function dataJson(id: string, data: string): string {
  return `{"id":${JSON.stringify(id)},"data":${data}}`
}

export function resultJson(id: string, result: object | null): string {
  return JSON.stringify({ id, result })
}

/** @param asText for clients that show the error by its text: the Java SDK prints an object with all its members. */
export function errorJson(id: string, error: ServiceError, asText: boolean): string {
  const told = toRealtimeError(error)
  return JSON.stringify({ id, error: asText ? told.message : told })
}

/** The error object that the SDK hands to the listener's onError, verbatim. */
export interface RealtimeError {
  /** Backendless' own number where it has one, else the HTTP status. */
  readonly code: number
  readonly message: string
  /** Our code, the field at fault, and further public facts. */
  readonly details: Readonly<Record<string, unknown>>
}

export function toRealtimeError(error: ServiceError): RealtimeError {
  const { row, code, message, param, details } = error
  return {
    code: row.backendlessCode ?? row.status,
    message: withoutKeys(message),
    details: { type: row.type, code, ...(param === undefined ? {} : { param }), ...details },
  }
}
