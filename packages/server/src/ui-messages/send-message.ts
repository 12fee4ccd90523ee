/** Takes a message from the app's server: checked, addressed, and written down once. */
import { createHash } from 'node:crypto'
import { callbacksOf, UI_ENVELOPE_FIELDS } from '@tollbridge/protocol'
import type { AppId } from '../access/principal.ts'
import type { UiSessionTokens } from '../access/ui-session-token.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import { instanceOf } from '../store/ui-message-state.ts'
import type { NewUiMessage, UiHandler, UiMessage, UiMessageStore } from '../store/ui-message-store.ts'
import { intentOf, type MessageIntent } from './message-intent.ts'
import { TAB_ID } from './page-caller.ts'
import type { ReadIntent } from './read-intent.ts'
import type { MessageBody } from './schema.ts'

export interface SendRequest {
  readonly appId: AppId
  readonly body: MessageBody
  readonly instance: string | null
  readonly requestKey: string | null
}

export interface Sent {
  readonly message: UiMessage
  /** Tabs that are connected now. */
  readonly recipients: number
}

/** Throws `parameter_invalid`, `parameter_missing` or `idempotency_key_reused`. */
export type SendMessage = (request: SendRequest) => Promise<Sent>

export interface SendMessageDeps {
  readonly store: Pick<UiMessageStore, 'insert' | 'find' | 'countPages'>
  readonly tokens: Pick<UiSessionTokens, 'read'>
  readonly readIntent: ReadIntent
  readonly clock: Clock
  pause(ms: number): Promise<void>
  newId(): string
  readonly log: Log
  /** Resolves when the pages that are connected here have been shown what is new. */
  deliver(): Promise<void>
}

const LONGEST_READ_MS = 2_000

export function createSendMessage(deps: SendMessageDeps): SendMessage {
  const { store, clock, log } = deps

  return async ({ appId, body, instance, requestKey }) => {
    const callbacks = readCallbacks(body, instance)
    const intent = intentOf(body.name, body.data)
    const { users, tab } = await recipientsOf(appId, body)
    const intentBefore = users.length === 0 ? null : await statusOf(appId, intent)
    const now = clock.now()
    const fresh: NewUiMessage = {
      id: `uim_${deps.newId().replaceAll('-', '')}`,
      appId,
      original: originalOf(body),
      callbacks,
      users,
      tab,
      instance,
      requestKey,
      fingerprint: createHash('sha256').update(JSON.stringify(body)).digest('hex'),
      createdAt: now,
      expiresAt: now + body.ttlMs,
      intent: intent.id,
      intentBefore,
      state: users.length === 0 ? 'undeliverable' : 'queued',
    }
    const { outcome, message } = await store.insert(fresh)
    if (outcome === 'exists' && message.fingerprint !== fresh.fingerprint) {
      throw new ServiceError('idempotency_key_reused', {
        message: 'This Idempotency-Key was used for another message; send a new one with a new message.',
        param: 'Idempotency-Key',
      })
    }
    if (message.state === 'undeliverable') {
      log.warn(
        { appId, messageId: message.id },
        'A message reaches nobody: its caller is no page with a valid session',
      )
    } else {
      await deps.deliver()
    }
    const recipients = await store.countPages(appId, message, clock.now())
    return { message: (await store.find(appId, message.id)) ?? message, recipients }
  }

  /** Tells later what this message led to from what was so before; a message need not wait for a slow Stripe. */
  function statusOf(appId: string, intent: MessageIntent): Promise<string | null> {
    const read = deps.readIntent(appId, intent).then(
      (found) => found?.status ?? null,
      () => null,
    )
    return Promise.race([read, deps.pause(LONGEST_READ_MS).then(() => null)])
  }

  async function recipientsOf(
    appId: AppId,
    { target, targetUsers, caller }: MessageBody,
  ): Promise<Pick<UiMessage, 'users' | 'tab'>> {
    if (target === 'users') {
      if (targetUsers !== undefined) return { users: [...new Set(targetUsers)], tab: null }
      throw new ServiceError('parameter_missing', {
        message: 'The field targetUsers is missing; it must list the users of target users.',
        param: 'targetUsers',
      })
    }
    if (targetUsers !== undefined) {
      throw new ServiceError('parameter_invalid', {
        message: 'The field targetUsers cannot be sent with target caller; send target users.',
        param: 'targetUsers',
      })
    }
    const nobody = { users: [], tab: null }
    if (caller === undefined || caller === null) return nobody
    if ('user' in caller) return { users: [caller.user], tab: caller.tab }
    // A page's headers went through the app's server: what is wrong with them is no fault of the sender.
    const read = await deps.tokens.read(caller.session)
    if (read.outcome !== 'valid' || read.session.appId !== appId || !TAB_ID.test(caller.tab)) return nobody
    return { users: [read.session.user], tab: caller.tab }
  }
}

function readCallbacks({ scope, name, callbacks }: MessageBody, instance: string | null) {
  const known = callbacksOf(scope, name)
  if (known === null) {
    throw new ServiceError('parameter_invalid', {
      message: `There is no function ${name.slice(0, 64)} in ${scope.slice(0, 64)}: send plugin:stripe with collectPaymentInformation or handleCardAction.`,
      param: callbacksOf(scope, 'collectPaymentInformation') === null ? 'scope' : 'name',
    })
  }
  const read: Record<string, UiHandler> = {}
  for (const [callback, given] of Object.entries(callbacks)) {
    if (!known.includes(callback)) {
      throw new ServiceError('parameter_invalid', {
        message: `${name} has no callback ${callback.slice(0, 64)}; it has ${known.join(', ')}.`,
        param: `callbacks.${callback.slice(0, 64)}`,
      })
    }
    const handler = given === null || typeof given === 'string' ? given : given.handler
    const data = given === null || typeof given === 'string' ? null : (given.data ?? null)
    const owner = instanceOf(handler)
    if (handler?.startsWith('inline:') && (owner === null || owner !== instance)) {
      throw new ServiceError('parameter_invalid', {
        message: `The handler of ${callback} must be inline:<instance>:<n> with the id in the header Tollbridge-Instance.`,
        param: `callbacks.${callback}`,
      })
    }
    read[callback] = { name: handler, data }
  }
  return read
}

/** The message without its envelope: what comes back as `original_message`. */
function originalOf(body: MessageBody): UiMessage['original'] {
  const extras = Object.entries(body).filter(([field]) => !ENVELOPE.has(field))
  return { ...Object.fromEntries(extras), scope: body.scope, name: body.name, data: body.data ?? null }
}

const ENVELOPE: ReadonlySet<string> = new Set(UI_ENVELOPE_FIELDS)
