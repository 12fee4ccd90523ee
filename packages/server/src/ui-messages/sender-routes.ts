/** What the app's server asks of messages for pages: sessions, sending, looking, canceling. */
import type { FastifyInstance } from 'fastify'
import type { UiSession, UiSessionTokens } from '../access/ui-session-token.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import { idempotencyKeyHeader } from '../http/idempotency-key.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { ReadServerPrincipal, ServerCaller } from '../http/server-caller.ts'
import { isEnding, isOpen } from '../store/ui-message-state.ts'
import type { UiMessage, UiMessageStore } from '../store/ui-message-store.ts'
import { refuseCardNumber, refuseDepth, unknownMessage } from './refusals.ts'
import {
  LARGEST_BODY_BYTES,
  messageAnswer,
  messageSchema,
  sentAnswer,
  sessionAnswer,
  sessionSchema,
} from './schema.ts'
import type { SendMessage } from './send-message.ts'

export interface SenderRoutesDeps {
  readonly store: Pick<UiMessageStore, 'find' | 'cancel' | 'jobOf' | 'countPages'>
  readonly tokens: Pick<UiSessionTokens, 'sign'>
  readonly send: SendMessage
  readonly serverCaller: ServerCaller
  readonly readServerPrincipal: ReadServerPrincipal
  findCardNumber(value: unknown): string | null
  readonly clock: Clock
  newId(): string
  onChanged(): void
  /** Ends one that is about to, where Stripe can be asked at once. Never rejects. */
  endNow(message: UiMessage | null): Promise<void>
}

type ById = { Params: { readonly id: string } }

const doc = (it: Omit<RouteDoc, 'tag' | 'keys'>) => ({
  doc: { ...it, tag: 'Messages to pages', keys: ['server'], scope: 'ui' } satisfies RouteDoc,
})

export function registerSenderRoutes(fastify: FastifyInstance, deps: SenderRoutesDeps): void {
  const { store, tokens, send, serverCaller, clock, newId } = deps

  fastify.post(
    '/v1/ui/sessions',
    {
      config: doc({
        summary: 'Make a session token for a page',
        description: 'The page shows it to get the messages of its user, and to answer them.',
        body: sessionSchema,
        answer: sessionAnswer,
        status: 201,
      }),
    },
    async (request, reply) => {
      const { appId, keyId: madeBy } = await deps.readServerPrincipal(request)
      if (madeBy === null) throw new Error('A session is asked for with a key')
      const { user, origin, expires_in } = parseBody(sessionSchema, request.body)
      const expiresAt = (Math.floor(clock.now() / 1000) + expires_in) * 1000
      const origins = typeof origin === 'string' ? [origin] : origin
      const id: UiSession['id'] = `uis_${newId().replaceAll('-', '')}`
      const token = await tokens.sign({ appId, id, user, origins, expiresAt, madeBy })
      return reply.code(201).send({ object: 'ui_session', id, user, token, expires_at: expiresAt / 1000 })
    },
  )

  fastify.post(
    '/v1/ui/messages',
    {
      bodyLimit: LARGEST_BODY_BYTES,
      config: doc({
        summary: 'Send a message to a page',
        description: 'PROTOCOL.md §7 says what comes of it.',
        body: messageSchema,
        answer: sentAnswer,
        status: 201,
        isIdempotent: true,
      }),
    },
    async (request, reply) => {
      const appId = await serverCaller(request)
      const body = parseBody(messageSchema, request.body)
      refuseDepth(body)
      refuseCardNumber(deps.findCardNumber({ ...body, caller: null }))
      const instance = header(request.headers['tollbridge-instance'], 'Tollbridge-Instance', /^[\w-]{1,64}$/)
      const requestKey = idempotencyKeyHeader(request.headers['idempotency-key'])
      const { message, recipients } = await send({ appId, body, instance, requestKey })
      return reply.code(201).send(sentJson(message, recipients, clock.now()))
    },
  )

  fastify.get<ById>(
    '/v1/ui/messages/:id',
    { config: doc({ summary: 'Retrieve a message to a page', answer: messageAnswer }) },
    async (request) => {
      const appId = await serverCaller(request)
      return messageJson(await store.find(appId, request.params.id))
    },
  )

  fastify.post<ById>(
    '/v1/ui/messages/:id/cancel',
    {
      config: doc({
        summary: 'Cancel a message to a page',
        description:
          'Over for its pages at once. It ends as Stripe says how its intent ended: `settled` where the card was saved all the same, and `ending` until Stripe could be asked.',
        answer: messageAnswer,
      }),
    },
    async (request) => {
      const appId = await serverCaller(request)
      const message = await store.cancel(appId, request.params.id, clock.now())
      deps.onChanged()
      // Mostly nothing waits for its end, and then the answer can say it.
      await deps.endNow(message)
      return messageJson(message === null ? null : await store.find(appId, message.id))
    },
  )

  async function messageJson(message: UiMessage | null) {
    if (message === null) throw unknownMessage()
    const { appId, original, tab, users, createdAt, endedAt } = message
    const job = message.state === 'settled' ? await store.jobOf(message.id) : null
    const now = clock.now()
    const recipients = isOpen(message) ? await store.countPages(appId, message, now) : 0
    return {
      ...sentJson(message, recipients, now),
      scope: original.scope,
      name: original.name,
      target: tab === null && users.length > 0 ? 'users' : 'caller',
      users,
      created_at: inSeconds(createdAt),
      ended_at: endedAt === null ? null : inSeconds(endedAt),
      callback: job === null ? null : { name: job.callback, verified: job.verified, data: job.data },
      handler: job === null ? null : { name: job.handler.name, outcome: job.state, error: job.error },
    }
  }
}

/** What is past its time is ending, also in the moment before that is written down. */
function sentJson(message: UiMessage, recipients: number, now: number) {
  const { id, expiresAt, state } = message
  const isOver = isEnding(message) || (isOpen(message) && expiresAt <= now)
  const status = isOver ? 'ending' : state
  return { object: 'ui_message', id, status, recipients, expires_at: inSeconds(expiresAt) }
}

function inSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}

/** An empty header is none. */
function header(value: string | string[] | undefined, name: string, form: RegExp): string | null {
  if (value === undefined || value === '') return null
  if (typeof value === 'string' && form.test(value)) return value
  throw new ServiceError('parameter_invalid', {
    message: `The header ${name} has a form that cannot be used.`,
    param: name,
  })
}
