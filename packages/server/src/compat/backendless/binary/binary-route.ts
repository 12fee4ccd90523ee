/** `POST …/binary`: the door of the official Java and Android SDK. It answers HTTP 200 with AMF, whatever happens. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type After, createLateRefusals } from '../../../budgets/late-refusals.ts'
import { toServiceError } from '../../../http/error-response.ts'
import type { CountRead } from '../../../http/limit-reads.ts'
import { assertFit, assertPrintable } from '../../../http/request-gate.ts'
import type { UnfitRules } from '../../../http/unfit-value.ts'
import type { Log } from '../../../log.ts'
import { LARGEST_PACKET_BYTES } from '../amf/bounds.ts'
import { type RemoteCall, readCall, writeFault, writeResult } from '../amf/messages.ts'
import type { AmfValue } from '../amf/value.ts'
import { type AppInfoDeps, publicOrigin } from '../app-info-routes.ts'
import { refuseForeignText } from '../foreign-text.ts'
import type { StripeEventReader } from '../read-stripe-events.ts'
import { type CallerDeps, knownApp, type RootForm } from '../root-form.ts'
import type { ChargeDeps } from '../stripe-service-routes.ts'
import { AMF_TYPE, asSent, toFault, WATCH_TOKEN_MEMBER } from './fault-form.ts'
import { answerCall, isLookup, type JavaDoor } from './java-calls.ts'

export interface BinaryDeps extends CallerDeps, AppInfoDeps, ChargeDeps {
  readonly countRead: CountRead
  /** What no argument may hold. */
  readonly unfit: UnfitRules
  readonly after: After
  readonly log: Log
}

export function registerBinaryRoute(
  fastify: FastifyInstance,
  root: RootForm,
  reader: StripeEventReader,
  deps: BinaryDeps,
): void {
  fastify.register(
    async (scope) => {
      scope.setErrorHandler(answerFault(deps.log))
      // Where no key travels, another site's page must not reach the charge by a request that browsers send unasked.
      if (!root.namesKey) refuseForeignText(scope)
      readPackets(scope)
      const answer = async (request: FastifyRequest, call: RemoteCall) => {
        const door = doorFor(request, call, root, reader, deps)
        assertFitCall(call, deps.unfit)
        return answerCall(call, door)
      }
      const late = createLateRefusals(deps.after)
      scope.addHook('preClose', async () => late.release())
      scope.post('/binary', async (request, reply) => {
        const call = readCall(bytesOf(request))
        const result = await answer(request, call).catch(async (error: unknown) => {
          if (isLookup(call)) await late.due()
          throw error
        })
        return reply.type(AMF_TYPE).send(writeResult(result, request.id))
      })
    },
    { prefix: root.prefix },
  )
}

function answerFault(log: Log) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const fault = toFault(toServiceError(thrown, request, log), request.id)
    return reply.code(200).type(AMF_TYPE).send(writeFault(fault, request.id))
  }
}

/** Whatever the content type says, or where it says nothing. */
function readPackets(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addHook('onRequest', async (request) => {
    request.raw.headers['content-type'] = AMF_TYPE
  })
  const options = { parseAs: 'buffer', bodyLimit: LARGEST_PACKET_BYTES } as const
  scope.addContentTypeParser(AMF_TYPE, options, (_request, body, done) => done(null, body))
}

function bytesOf({ body }: FastifyRequest): Uint8Array {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** The gate of requests saw nothing but bytes. */
function assertFitCall({ source, operation, args, headers }: RemoteCall, rules: UnfitRules): void {
  assertFit({ source, operation }, rules, 'member')
  assertPrintable(
    Object.fromEntries(Object.keys(headers).map((name) => [name, headerOf(headers, name) ?? ''])),
  )
  // Arguments of a service are one level lower; their fields are named as the app named them.
  for (const argument of args.flat()) assertFit(argument, rules, 'argument')
}

function headerOf(headers: RemoteCall['headers'], name: string): string | null {
  const value = Object.hasOwn(headers, name) ? headers[name] : null
  return typeof value === 'string' && value !== '' ? value : null
}

function doorFor(
  request: FastifyRequest,
  { headers }: RemoteCall,
  root: RootForm,
  reader: StripeEventReader,
  deps: BinaryDeps,
): JavaDoor {
  const app = knownApp(request, root)
  const clientKey = root.apiKey(request, app)
  const header = (name: string) => headerOf(headers, name)
  return {
    reader,
    caller: () =>
      deps.authenticate(app, clientKey, {
        userToken: header('tollbridge-watch-token') ?? header('user-token'),
        authorization: undefined,
      }),
    countRead: () => deps.countRead(request),
    lookup: () => publicOrigin(request, deps.publicUrl),
    async charge(principal, body) {
      const answer = await deps.charge({
        principal,
        body: body as Readonly<Record<string, unknown>>,
        idempotencyKey: header('idempotency-key'),
        remoteAddress: request.ip,
        clientKey,
        customerToken: header('tollbridge-customer-token'),
        header,
        // Java's client sends a POST again when its connection ends before the answer, and tells nobody.
        repeatsItself: true,
      })
      return withTokens(answer)
    },
  }
}

/** What other clients read in headers, which the Java SDK does not show to its app. */
function withTokens({ body, watchToken, isRepeat }: Awaited<ReturnType<ChargeDeps['charge']>>): AmfValue {
  return {
    ...asSent(body as object),
    ...(watchToken === null ? {} : { [WATCH_TOKEN_MEMBER]: watchToken }),
    ...(isRepeat === true ? { tollbridge_replayed: true } : {}),
  }
}
