/** Messages to the page, and what comes back of them. */
import { AsyncResource } from 'node:async_hooks'
import type { ServerApi } from '../server-api.ts'
import { type CallbackJob, readStreamEvent } from './callback-job.ts'
import { type Caller, callerOf, createCallerContext, type RequestLike } from './caller.ts'
import { createJobRunner } from './job-runner.ts'
import { createKeptStream } from './keep-stream.ts'
import { checkMessage, messageBody } from './message-body.ts'
import type {
  CallbackContext,
  PluginEvent,
  SendOptions,
  SendReceipt,
  UiCallback,
  UiMessage,
  UiMessageState,
  UiSession,
} from './messages.ts'
import { createMiddleware, type UiMiddleware } from './middleware.ts'
import { createSentMessages } from './sent-messages.ts'

export interface ServerUi extends UiMiddleware {
  /**
   * Makes the token with which a page proves whose it is.
   * @param session user: the app's own id of the person; origin: of the page, such as `https://shop.example`, or several;
   * expiresIn: in seconds, an hour unless named
   */
  createSession(session: {
    readonly user: string
    readonly origin: string | readonly string[]
    readonly expiresIn?: number
  }): Promise<UiSession>
  /**
   * Asks a page to do something.
   * @throws StripeApiError when the server refuses it; TypeError for a message that is none
   */
  sendMessage<D = unknown>(message: UiMessage<D>, options?: SendOptions): Promise<SendReceipt>
  /** Gives a callback a name that stays the same when the process starts again. Register at start. */
  registerCallback(name: string, callback: UiCallback): void
  /**
   * Hears each callback of a plugin that runs in this process, and those that were declared without a handler.
   * @param plugin such as `stripe`
   * @param event the callback's name, or `*`
   * @returns a function that ends it
   */
  onPluginEvent(plugin: string, event: string, listener: (event: PluginEvent) => unknown): () => void
  cancel(id: string): Promise<UiMessageState>
  retrieve(id: string): Promise<UiMessageState>
  /** Runs `fn` as part of the request, so that `target: 'caller'` is the tab that made it. */
  withCaller<T>(request: RequestLike, fn: () => T): T
  /** Ends the stream, and waits for the callbacks that run. */
  close(): Promise<void>
}

/** Where a failure that nobody awaits happened. */
export type UiErrorPlace = 'message' | 'callback' | 'listener' | 'stream' | 'ack' | 'undeliverable'

export interface UiDeps {
  readonly api: Pick<ServerApi, 'call' | 'open'>
  /** Of this process. */
  readonly instance: string
  onError(error: unknown, place: UiErrorPlace): void
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  now(): number
  random(): number
}

interface Listener {
  readonly plugin: string
  readonly event: string
  readonly listen: (event: PluginEvent) => unknown
}

export function createUi(deps: UiDeps): ServerUi {
  const { api, instance, onError } = deps
  const caller = createCallerContext()
  const sentMessages = createSentMessages(instance)
  const registered = new Map<string, UiCallback>()
  const listeners = new Set<Listener>()
  let isRefreshing = false
  let isOpen = false
  let isClosed = false

  const jobs = createJobRunner({ api, run: runJob, onError: (error) => onError(error, 'ack') })
  const stream = createKeptStream({
    open: api.open,
    path: () => streamPath(instance, [...registered.keys()], listeners.size > 0),
    onEvent: takeEvent,
    onBroken: jobs.renewAll,
    onError: (error) => onError(error, 'stream'),
    sleep: deps.sleep,
    random: deps.random,
  })

  // The request that opens the stream is one of many: its AsyncLocalStorage is not for everybody's callbacks.
  const openStream = AsyncResource.bind(() => stream.refresh())

  /** What is registered in one go is asked for in one go. */
  function refresh(): void {
    if (isClosed) throw new Error('This Tollbridge client has been closed.')
    if (isRefreshing) return
    isRefreshing = true
    queueMicrotask(() => {
      isRefreshing = false
      isOpen = true
      openStream()
    })
  }

  function takeEvent(name: string, data: string): void {
    const event = readStreamEvent(name, data)
    if (event === null) return
    if (event.kind === 'callback') jobs.take(event.job)
    else if (event.kind === 'ended') {
      sentMessages.ended(event.messageId, event.reason)
      if (event.reason === 'undeliverable') onError(undeliverable(event.messageId), 'undeliverable')
    } else if (event.kind === 'settled') {
      const { messageId, callback, data: settledWith, verified } = event
      sentMessages.settled(messageId, { callback, data: settledWith, verified })
    }
  }

  async function runJob(job: CallbackJob): Promise<void> {
    const context: CallbackContext = { ...job.context, data: job.handler_data }
    // What a callback sends to the caller goes to the tab that answered.
    await caller.run(answererOf(job), async () => {
      try {
        await runHandler(job, context)
      } finally {
        sentMessages.ran(job.message_id)
        await tellListeners(job, context)
      }
    })
  }

  async function runHandler(job: CallbackJob, context: CallbackContext): Promise<void> {
    if (job.handler === null) return
    try {
      const callback = sentMessages.find(job.handler) ?? registered.get(job.handler)
      if (callback === undefined) throw unknownHandler(job.handler)
      await callback(job.original_message, job.callback_data, context)
    } catch (error) {
      onError(error, 'callback')
      throw error
    }
  }

  async function tellListeners(job: CallbackJob, context: CallbackContext): Promise<void> {
    const { scope } = job.original_message
    const plugin = scope.replace(/^plugin:/, '')
    const event: PluginEvent = {
      type: 'PLUGIN',
      date: new Date(deps.now()),
      plugin,
      event: job.callback,
      callback: job.callback,
      data: { originalMessage: job.original_message, callbackData: job.callback_data },
      context,
    }
    for (const listener of listeners) {
      if (listener.plugin !== plugin || (listener.event !== '*' && listener.event !== job.callback)) continue
      try {
        await listener.listen(event)
      } catch (error) {
        onError(error, 'listener')
      }
    }
  }

  async function send(message: UiMessage, options: SendOptions): Promise<SendReceipt> {
    checkMessage(message)
    const prepared = sentMessages.prepare(message.callbacks)
    try {
      const body = messageBody(message, prepared.refs, caller.current(), options)
      if (isClosed || !isOpen) refresh()
      // A page may answer before the server would know where its functions run.
      if (prepared.inline.size > 0) await Promise.resolve().then(() => stream.attempted())
      const { body: answer } = await api.call({
        method: 'POST',
        path: '/v1/ui/messages',
        headers: { 'Tollbridge-Instance': instance },
        body: { kind: 'json', value: body },
        ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }),
      })
      const { id, status, recipients, expires_at } = answer as SendReceipt
      const settled = sentMessages.sent(id, prepared)
      if (status === 'undeliverable') sentMessages.ended(id, 'undeliverable')
      return { id, status, recipients, expires_at, settled }
    } catch (error) {
      sentMessages.discard(prepared)
      throw error
    }
  }

  const post = async <T>(path: string, value: unknown): Promise<T> =>
    (await api.call({ method: 'POST', path, body: { kind: 'json', value } })).body as T

  return {
    ...createMiddleware(caller.run),
    createSession: ({ user, origin, expiresIn }) =>
      post('/v1/ui/sessions', {
        user,
        origin,
        ...(expiresIn === undefined ? {} : { expires_in: expiresIn }),
      }),
    async sendMessage(message, options = {}) {
      const receipt = await send(message, options)
      if (receipt.status !== 'undeliverable') return receipt
      const error = undeliverable(receipt.id, caller.current() === null && message.target !== 'users')
      if (options.onUndeliverable === 'throw') throw error
      onError(error, 'undeliverable')
      return receipt
    },
    registerCallback(name, callback) {
      if (typeof name !== 'string' || !/^(?!inline:)[\w.:/-]{1,128}$/.test(name))
        throw new TypeError('The name of a callback must be 1 to 128 letters, digits and _ . : / -')
      if (typeof callback !== 'function') throw new TypeError(`The callback ${name} must be a function.`)
      const isNew = !registered.has(name)
      registered.set(name, callback)
      if (isNew) refresh()
    },
    onPluginEvent(plugin, event, listen) {
      const listener = { plugin, event, listen }
      listeners.add(listener)
      if (listeners.size === 1) refresh()
      return () => {
        if (listeners.delete(listener) && listeners.size === 0 && !isClosed) refresh()
      }
    },
    cancel: (id) => post(`/v1/ui/messages/${encodeURIComponent(id)}/cancel`, {}),
    async retrieve(id) {
      const path = `/v1/ui/messages/${encodeURIComponent(id)}`
      return (await api.call({ method: 'GET', path })).body as UiMessageState
    },
    withCaller: (request, fn) => caller.run(callerOf(request), fn),
    async close() {
      isClosed = true
      stream.close()
      await jobs.drained()
    },
  }
}

/** A callback carries no token: the server told us itself who answered. */
function answererOf({ context: { user, connectionId } }: CallbackJob): Caller | null {
  return user === null || connectionId === null ? null : { user: user.id, tab: connectionId }
}

function streamPath(instance: string, handlers: readonly string[], listens: boolean): string {
  const query = new URLSearchParams({
    ...(handlers.length === 0 ? {} : { handlers: handlers.join(',') }),
    instance,
    ...(listens ? { listens: '1' } : {}),
  })
  return `/v1/ui/callbacks/stream?${query}`
}

function unknownHandler(handler: string): Error {
  return new Error(
    handler.startsWith('inline:')
      ? 'The callback was a function of a message that is over: register it with ui.registerCallback, so that it outlives it.'
      : `The callback ${handler} is not registered in this process: call ui.registerCallback at start.`,
  )
}

function undeliverable(id: string, isWithoutRequest = false): Error {
  return new Error(
    isWithoutRequest
      ? `Nobody gets message ${id}: it is for the caller, but no request of a page is being answered. Wrap the handler in ui.withCaller or its middleware, or send it to target "users".`
      : `Nobody gets message ${id}: no page of its recipient was connected in time.`,
  )
}
