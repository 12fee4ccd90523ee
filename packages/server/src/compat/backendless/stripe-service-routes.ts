/** `CustomServices.invoke("Stripe", "charge", …)`, Stripe's webhooks, and the refusal of any other service. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../../access/principal.ts'
import { ServiceError } from '../../errors.ts'
import { readRawBodies, signedBody } from '../../http/raw-body.ts'
import { unwrapChargeBody } from './charge-body.ts'
import { callerOf, knownApp, type RootForm } from './root-form.ts'

export interface ChargeCall {
  readonly principal: Principal
  readonly body: Readonly<Record<string, unknown>>
  /** The header `Idempotency-Key`. */
  readonly idempotencyKey: string | null
  readonly remoteAddress: string
  /** null: a server key. */
  readonly clientKey: string | null
  /** The header `Tollbridge-Customer-Token`. */
  readonly customerToken: string | null
  /** The others, in which a payer's proofs travel. */
  header(name: string): string | null
  /** Its client repeats a request by itself when a connection ends, without telling the app. */
  readonly repeatsItself?: boolean
}

export interface ChargeDeps {
  charge(call: ChargeCall): Promise<{
    readonly body: unknown
    readonly watchToken: string | null
    /** What is answered was done for an earlier equal request. */
    readonly isRepeat?: boolean
  }>
}

export interface WebhookDeps {
  receiveWebhook(delivery: {
    readonly appId: string
    readonly rawBody: Uint8Array
    readonly signatureHeader: string | null
  }): Promise<{ readonly status: number; readonly body: unknown }>
}

/** `services/Stripe/charge` with an optional version, and `Stripe/charge` as the plugin's own text writes it. */
const CHARGE_PATHS = ['/services/Stripe/charge', '/services/Stripe/:version/charge', '/Stripe/charge']

export function registerChargeRoutes(scope: FastifyInstance, root: RootForm, deps: ChargeDeps): void {
  const charge = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const principal = callerOf(request, 'payments')
    const answer = await deps.charge({
      principal,
      body: unwrapChargeBody(request.body),
      idempotencyKey: headerOf(request, 'idempotency-key'),
      remoteAddress: request.ip,
      customerToken: headerOf(request, 'tollbridge-customer-token'),
      header: (name) => headerOf(request, name),
      clientKey: principal.role === 'client' ? root.apiKey(request, knownApp(request, root)) : null,
    })
    if (answer.watchToken !== null) reply.header('Tollbridge-Watch-Token', answer.watchToken)
    if (answer.isRepeat === true) reply.header('Idempotent-Replayed', 'true')
    return answer.body
  }
  for (const path of CHARGE_PATHS) scope.post(path, charge)
}

export function refuseOtherServices(scope: FastifyInstance): void {
  const refuse = async (request: FastifyRequest): Promise<never> => {
    const name = (request.params as { readonly '*': string })['*']
    throw new ServiceError('service_unknown', {
      message: `No service method answers ${request.method} ${name.slice(0, 100)}: invoke the service "Stripe" with the method "charge" (POST services/Stripe/charge).`,
    })
  }
  scope.all('/services/*', refuse)
  scope.all('/Stripe/*', refuse)
}

/** Stripe signs what it sends, so this route asks for no key. */
export function registerWebhookRoute(scope: FastifyInstance, root: RootForm, deps: WebhookDeps): void {
  scope.register(async (raw) => {
    readRawBodies(raw)
    raw.post('/services/Stripe/webhooks/handler', async (request, reply) => {
      const { status, body } = await deps.receiveWebhook({
        appId: knownApp(request, root).appId,
        ...signedBody(request),
      })
      return reply.code(status).send(body)
    })
  })
}

function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}
