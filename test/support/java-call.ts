/** Calls as the official Java SDK sends them, for tests that need other arguments than the recorded frames have. */
import { readPacket, writePacket } from '../../packages/server/src/compat/backendless/amf/packet.ts'
import { type AmfValue, TypedObject } from '../../packages/server/src/compat/backendless/amf/value.ts'

export const CUSTOM = 'com.backendless.services.servercode.CustomServiceHandler'
export const PERSISTENCE = 'com.backendless.services.persistence.PersistenceService'
export const MESSAGING = 'com.backendless.services.messaging.MessagingService'
export const AMF_TYPE = 'application/x-amf'

export interface JavaFault {
  readonly faultCode: string
  readonly faultString: string
  readonly faultDetail: string
  readonly extendedData: Readonly<Record<string, AmfValue>>
}

/** `result` is absent where the answer is a fault. */
export type JavaAnswer = { readonly result: AmfValue; readonly fault?: never } | { readonly fault: JavaFault }

/** The bytes of one call. Its length stays open, as the SDK leaves it. */
export function javaCall(
  source: string,
  operation: string,
  args: readonly AmfValue[] | null,
  headers: Readonly<Record<string, AmfValue>> = {},
): Buffer {
  const message = new TypedObject('flex.messaging.messages.RemotingMessage', {
    timeToLive: 0,
    headers: { 'application-type': 'ANDROID', 'api-version': '1.0', ...headers },
    clientId: null,
    destination: 'GenericDestination',
    messageId: null,
    correlationId: null,
    source,
    body: args,
    operation,
    messageRefType: null,
    timestamp: 0,
  })
  return writePacket({ target: 'null', response: 'null', body: [message] })
}

export function chargeCall(body: AmfValue, headers: Readonly<Record<string, AmfValue>> = {}): Buffer {
  return javaCall(CUSTOM, 'dispatchService', ['Stripe', 'charge', [body]], headers)
}

/** A `BackendlessDataQuery` with what the app has set. */
export function dataQuery(
  set: Readonly<Record<string, AmfValue>>,
  options: Readonly<Record<string, AmfValue>> = {},
): TypedObject {
  return new TypedObject('com.backendless.services.persistence.BackendlessDataQuery', {
    DEFAULT_PAGE_SIZE: 10,
    havingClause: '',
    whereClause: null,
    offset: 0,
    groupBy: [],
    distinct: false,
    pageSize: 10,
    properties: [],
    excludeProperties: [],
    DEFAULT_OFFSET: 0,
    queryOptions: new TypedObject('QueryOptions', {
      sortBy: [],
      related: [],
      ___class: 'QueryOptions',
      ...options,
    }),
    ...set,
  })
}

/** What the SDK makes of an answer: only the class of the message decides. */
export function javaAnswer(bytes: Uint8Array): JavaAnswer {
  const { body } = readPacket(bytes)
  if (!(body instanceof TypedObject)) throw new Error('The answer holds no message')
  if (body.className !== 'flex.messaging.messages.ErrorMessage')
    return { result: body.members['body'] ?? null }
  const { faultCode, faultString, faultDetail, extendedData } = body.members
  const isWhole =
    [faultCode, faultString, faultDetail].every((member) => typeof member === 'string') &&
    typeof extendedData === 'object' &&
    extendedData !== null &&
    !Array.isArray(extendedData) &&
    !(extendedData instanceof TypedObject)
  // The SDK would show Java's own text in place of ours.
  if (!isWhole) throw new Error('A fault whose members have other types than the SDK takes')
  return { fault: body.members as unknown as JavaFault }
}
