/** The routes that Stripe delivers to: raw bytes in, `{"received":true}` out once the event is on disk. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { App, AppDirectory } from '../access/app-directory.ts'
import { ServiceError } from '../errors.ts'
import type { ReceiveWebhook } from './receive-webhook.ts'

export interface WebhookRoutesDeps {
  readonly receiveWebhook: ReceiveWebhook
  readonly directory: Pick<AppDirectory, 'find' | 'defaultApp'>
}

/** Stripe's events stay far below; what is larger is not one. */
export const WEBHOOK_BODY_LIMIT = 1024 * 1024

export function registerWebhookRoutes(fastify: FastifyInstance, deps: WebhookRoutesDeps): void {
  const { receiveWebhook, directory } = deps

  async function answer(request: FastifyRequest, reply: FastifyReply, app: App): Promise<unknown> {
    const { status, body } = await receiveWebhook({
      appId: app.appId,
      rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      signatureHeader: signatureHeader(request),
    })
    reply.code(status)
    return body
  }

  fastify.register(async (scope) => {
    // The signature is over the bytes, so no parser may touch them, whatever the Content-Type says.
    scope.removeAllContentTypeParsers()
    const options = { parseAs: 'buffer', bodyLimit: WEBHOOK_BODY_LIMIT } as const
    scope.addContentTypeParser('*', options, (_request, body, done) => done(null, body))
    scope.post('/webhooks/stripe', (request, reply) => answer(request, reply, directory.defaultApp))
    scope.post<{ Params: { appId: string } }>('/webhooks/stripe/:appId', (request, reply) => {
      const app = directory.find(request.params.appId)
      if (app === null) throw unknownApp()
      return answer(request, reply, app)
    })
  })
}

function signatureHeader(request: FastifyRequest): string | null {
  const value = request.headers['stripe-signature']
  return typeof value === 'string' ? value : null
}

function unknownApp(): ServiceError {
  return new ServiceError('app_unknown', {
    message: 'There is no app of that id on this server: check the last part of the endpoint’s URL.',
  })
}
