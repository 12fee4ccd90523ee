/** The routes that Stripe delivers to: raw bytes in, `{"received":true}` out once the event is on disk. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { App, AppDirectory } from '../access/app-directory.ts'
import { ServiceError } from '../errors.ts'
import { readRawBodies, signedBody } from '../http/raw-body.ts'
import type { ReceiveWebhook } from './receive-webhook.ts'

export interface WebhookRoutesDeps {
  readonly receiveWebhook: ReceiveWebhook
  readonly directory: Pick<AppDirectory, 'find' | 'defaultApp'>
}

export function registerWebhookRoutes(fastify: FastifyInstance, deps: WebhookRoutesDeps): void {
  const { receiveWebhook, directory } = deps

  async function answer(request: FastifyRequest, reply: FastifyReply, app: App): Promise<unknown> {
    const { status, body } = await receiveWebhook({ appId: app.appId, ...signedBody(request) })
    reply.code(status)
    return body
  }

  fastify.register(async (scope) => {
    readRawBodies(scope)
    scope.post('/webhooks/stripe', (request, reply) => answer(request, reply, directory.defaultApp))
    scope.post<{ Params: { appId: string } }>('/webhooks/stripe/:appId', (request, reply) => {
      const app = directory.find(request.params.appId)
      if (app === null) throw unknownApp()
      return answer(request, reply, app)
    })
  })
}

function unknownApp(): ServiceError {
  return new ServiceError('app_unknown', {
    message: 'There is no app of that id on this server: check the last part of the endpoint’s URL.',
  })
}
