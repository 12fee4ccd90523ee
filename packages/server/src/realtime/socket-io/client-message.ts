/** Reads what a Backendless client sends: SUB_ON, SUB_OFF and MET_REQ, each with one JSON argument. */
import { ServiceError } from '../../errors.ts'
import { findUnfit, STRICT, type UnfitRules } from '../../http/unfit-value.ts'

export const CLIENT_EVENTS = ['SUB_ON', 'SUB_OFF', 'MET_REQ'] as const
export type ClientEvent = (typeof CLIENT_EVENTS)[number]

export type ClientMessage =
  | {
      readonly event: 'SUB_ON' | 'MET_REQ'
      readonly id: string
      readonly name: string
      readonly options: Options
    }
  | { readonly event: 'SUB_OFF'; readonly id: string }
  /** `id` says whom to tell; null: nobody can be told. */
  | {
      readonly event: 'malformed'
      readonly of: ClientEvent
      readonly id: string | null
      readonly error: ServiceError
    }

export type Options = Readonly<Record<string, unknown>>

const LONGEST_ID = 128
const LONGEST_PARAM = 100

/** @param argument as it came off the wire; the Java client sends bytes that hold the JSON. */
export function readClientMessage(
  event: ClientEvent,
  argument: unknown,
  rules: UnfitRules = STRICT,
): ClientMessage {
  const body = asObject(Buffer.isBuffer(argument) ? parseJson(argument) : argument)
  const id = body === null ? null : asId(body['id'])
  const unfit = body === null || event === 'SUB_OFF' ? null : findUnfit(body, rules)
  if (unfit !== null) {
    const param = unfit.path.slice(0, LONGEST_PARAM)
    // Written as JSON an id goes back as it came, so whoever sent it can be told.
    return malformed(event, id, param, `The field ${param} ${unfit.problem}.`)
  }
  if (body === null || id === null) {
    return malformed(event, null, 'id', `Send one object with an id of 1 to ${LONGEST_ID} characters.`)
  }
  if (event === 'SUB_OFF') return { event, id }
  const { name } = body
  if (typeof name !== 'string') return malformed(event, id, 'name', 'Send the name as a string.')
  const options = asObject(body['options'] ?? {})
  if (options === null) return malformed(event, id, 'options', 'Send the options as an object.')
  return { event, id, name, options }
}

/** The option as text; null when it is absent or null. Throws `parameter_invalid` for anything else. */
export function textOption(options: Options, name: string): string | null {
  const value = Object.hasOwn(options, name) ? options[name] : null
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  throw new ServiceError('parameter_invalid', {
    message: `The option ${name} must be a string.`,
    param: name,
  })
}

/** As `textOption`, for one that must be there: throws `parameter_missing`. */
export function requiredTextOption(options: Options, name: string, meaning: string): string {
  const value = textOption(options, name)
  if (value !== null && value !== '') return value
  throw new ServiceError('parameter_missing', {
    message: `The option ${name} is missing: ${meaning}.`,
    param: name,
  })
}

function malformed(of: ClientEvent, id: string | null, param: string, message: string): ClientMessage {
  return { event: 'malformed', of, id, error: new ServiceError('parameter_invalid', { message, param }) }
}

function asId(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_ID ? value : null
}

function asObject(value: unknown): Options | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Options) : null
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return null
  }
}
