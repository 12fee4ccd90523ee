/** The messages in the packets: a call by name, and its answer, which is a result or a fault. */
import { malformed } from './bounds.ts'
import { readPacket, writePacket } from './packet.ts'
import { type PlainValue, toPlain } from './plain-value.ts'
import { type AmfValue, TypedObject } from './value.ts'

export interface RemoteCall {
  /** The service, as a Java class: `com.backendless.services.persistence.PersistenceService`. */
  readonly source: string
  readonly operation: string
  readonly args: readonly PlainValue[]
  /** What other SDKs send as HTTP headers, `user-token` among them. */
  readonly headers: Readonly<Record<string, PlainValue>>
}

/** The SDK takes an answer for a fault only if each has its type and none is absent. */
export interface Fault {
  readonly faultCode: string
  readonly faultString: string
  readonly faultDetail: string
  readonly extendedData: Readonly<Record<string, AmfValue>>
}

const CALL = 'flex.messaging.messages.RemotingMessage'
const RESULT = 'flex.messaging.messages.AcknowledgeMessage'
const FAULT = 'flex.messaging.messages.ErrorMessage'
/** Nobody listens there: the connection tells which call is answered. */
const NOWHERE = 'null'
/** Of an answer, which names no client. */
const CLIENT_ID = 'tollbridge'

/** Throws `body_invalid`. */
export function readCall(bytes: Uint8Array): RemoteCall {
  const { body } = readPacket(bytes)
  const message = Array.isArray(body) && body.length === 1 ? (body[0] as AmfValue) : body
  if (!(message instanceof TypedObject) || message.className !== CALL)
    throw malformed(`its body must be one ${CALL}`)
  const { source, operation, body: args, headers } = message.members
  if (typeof source !== 'string') throw malformed('the member source must name a service')
  if (typeof operation !== 'string') throw malformed('the member operation must name a method')
  const list = toPlain(args ?? [])
  if (!Array.isArray(list)) throw malformed('the member body must be the list of arguments')
  const named = toPlain(headers ?? {})
  if (typeof named !== 'object' || named === null || Array.isArray(named))
    throw malformed('the member headers must be an object')
  return { source, operation, args: list, headers: named as RemoteCall['headers'] }
}

/** @param id names the answer in logs of the server, and means nothing to the SDK. */
export function writeResult(result: AmfValue, id: string): Buffer {
  return writePacket({
    target: '/onResult',
    response: NOWHERE,
    body: new TypedObject(RESULT, { ...ANSWER, messageId: id, body: result }),
  })
}

export function writeFault(fault: Fault, id: string): Buffer {
  const { faultCode, faultString, faultDetail, extendedData } = fault
  return writePacket({
    target: '/onStatus',
    response: NOWHERE,
    body: new TypedObject(FAULT, {
      ...ANSWER,
      messageId: id,
      body: null,
      faultCode,
      faultString,
      faultDetail,
      extendedData,
      rootCause: null,
    }),
  })
}

/** In the order in which the SDK was seen to take them. */
const ANSWER = {
  timestamp: 0,
  headers: {},
  clientId: CLIENT_ID,
  correlationId: null,
  timeToLive: 0,
  destination: null,
  messageId: '',
} satisfies Record<string, AmfValue>
