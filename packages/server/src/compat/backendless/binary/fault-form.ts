/**
 * Failures → the fault that the Java SDK hands to its app. Always with HTTP 200: it takes any other status whose body is
 * not JSON for a success without a result, and the app would believe that it was paid.
 */
import type { ServiceError } from '../../../errors.ts'
import type { ErrorForm } from '../../../http/error-form.ts'
import { type Fault, writeFault } from '../amf/messages.ts'
import type { AmfValue } from '../amf/value.ts'
import { toEnvelope } from '../error-envelope.ts'

export const AMF_TYPE = 'application/x-amf'

/** `/<APP>/<KEY>/binary` and `/api/binary`, whether there is such an app or not. */
const BINARY_PATH = /^\/+(?!(?:v1|webhooks)\/)(?:[^/?]+\/+){1,2}binary\/*(?:\?|$)/

/** The same facts as in the JSON envelope. */
export function toFault(error: ServiceError, requestId: string): Fault {
  const { code, message, errorData } = toEnvelope(error, requestId)
  const { retryAfterSeconds, watchToken } = error
  return {
    faultCode: String(code),
    faultString: message,
    faultDetail: String(errorData['code'] ?? ''),
    extendedData: {
      ...asSent(errorData),
      // What other clients read in headers, which this one does not show.
      ...(retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds }),
      ...(watchToken === undefined ? {} : { [WATCH_TOKEN_MEMBER]: watchToken }),
    },
  }
}

/** Of a charge's answer and of a fault: what the app sets as its user token to prove that it is the payer. */
export const WATCH_TOKEN_MEMBER = 'tollbridge_watch_token'

/** For what fails before the route, or in place of it. */
export const faultForm: ErrorForm = (error, { requestId, url }) =>
  url !== null && BINARY_PATH.test(url)
    ? { status: 200, contentType: AMF_TYPE, body: writeFault(toFault(error, requestId), requestId) }
    : null

/** As JSON would carry it, without what it leaves out. */
export function asSent<T extends object>(value: T): Readonly<Record<string, AmfValue>> {
  return JSON.parse(JSON.stringify(value)) as Record<string, AmfValue>
}
