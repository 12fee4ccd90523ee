/** What a page asks: its stream, a message for itself, and the end of it. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { PageCaller, ReadPageCaller } from './page-caller.ts'
import type { PageDesk } from './page-desk.ts'
import type { UiStreams } from './ports.ts'
import { callbackAnswer, callbackSchema, claimAnswer, LARGEST_BODY_BYTES } from './schema.ts'

export interface PageRoutesDeps {
  readonly desk: PageDesk
  readonly readCaller: ReadPageCaller
  readonly streams: UiStreams
}

const doc = (it: Omit<RouteDoc, 'tag' | 'keys'>) => ({
  doc: { ...it, tag: 'Messages to pages', keys: ['page'] } satisfies RouteDoc,
})

export function registerPageRoutes(fastify: FastifyInstance, deps: PageRoutesDeps): void {
  const { desk, streams } = deps
  const callerOf = ({ headers }: FastifyRequest): Promise<PageCaller> =>
    deps.readCaller({ token: headers['tollbridge-ui-session'], tab: headers['tollbridge-tab'], headers })

  fastify.get(
    '/v1/ui/stream',
    {
      exposeHeadRoute: false,
      config: doc({
        summary: 'Receive the messages of a page (server-sent events)',
        description: 'Events: `message` and `end`. What nobody has claimed comes again after a reconnect.',
        answer: 'text/event-stream',
      }),
    },
    async (request, reply) => {
      const caller = await callerOf(request)
      desk.assertRoom(caller)
      let leave = () => {}
      const stream = streams.open(reply, caller.session.appId, () => leave())
      if (stream === null) return
      leave = desk.connect(caller, {
        show: (message) => stream.send('message', message),
        ready: () => stream.ready(),
        end: (id, reason) => stream.send('end', { id, reason }),
        over: (reason) => stream.end(reason),
      })
    },
  )

  fastify.post<{ Params: { readonly id: string } }>(
    '/v1/ui/messages/:id/claim',
    {
      config: doc({
        summary: 'Open a message in one tab',
        description: 'For every other tab it is over then.',
        answer: claimAnswer,
      }),
    },
    async (request) => desk.claim(await callerOf(request), request.params.id),
  )

  fastify.post(
    '/v1/ui/callbacks',
    {
      bodyLimit: LARGEST_BODY_BYTES,
      config: doc({
        summary: 'Answer a message',
        description: 'A success is read from Stripe, and is a failure where Stripe does not confirm it.',
        body: callbackSchema,
        answer: callbackAnswer,
      }),
    },
    async (request) => {
      const caller = await callerOf(request)
      return desk.answer(caller, parseBody(callbackSchema, request.body))
    },
  )
}
