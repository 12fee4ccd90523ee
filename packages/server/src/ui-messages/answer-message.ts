/** A page answers a message: checked against the server's own copy and against Stripe, then written down once. */
import { callbacksOf } from '@tollbridge/protocol'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import { instanceOf, judgeTaking } from '../store/ui-message-state.ts'
import type { UiCallbackId, UiMessage, UiMessageStore } from '../store/ui-message-store.ts'
import { claimsSuccess, judgeFailure, judgeSuccess, type PageAnswer, type Verdict } from './judge-callback.ts'
import { intentOf, type MessageIntent } from './message-intent.ts'
import type { PageCaller } from './page-caller.ts'
import type { ReadIntents } from './ports.ts'
import { goneHandler, refuseCardNumber, refuseDepth, refusedTaking, unknownCallback } from './refusals.ts'

export interface PostedCallback {
  /** The message. */
  readonly id: string
  readonly callback: string
  readonly data?: unknown
}

/** Throws what PROTOCOL.md §7.4 names; a failure to ask Stripe leaves the message as it was. */
export type AnswerMessage = (
  caller: PageCaller,
  posted: PostedCallback,
) => Promise<Pick<Verdict, 'callback' | 'verified'>>

export interface AnswerMessageDeps {
  readonly store: Pick<UiMessageStore, 'find' | 'settle' | 'hasInstance'>
  stripeFor(appId: string): ReadIntents
  /** @returns the path of the first value that holds a card number. */
  findCardNumber(value: unknown): string | null
  readonly clock: Clock
  pause(ms: number): Promise<void>
  newId(): string
  readonly log: Log
  /** Something has changed for whoever listens. */
  onChanged(): void
}

/** So long a process of the app's server may be away, as after a restart of ours. */
const RETURN_MS = 3_000
const LOOK_EVERY_MS = 100

export function createAnswerMessage(deps: AnswerMessageDeps): AnswerMessage {
  const { store, clock, log } = deps

  return async ({ session: { appId }, page }, { id, callback, data }) => {
    refuseDepth({ data })
    refuseCardNumber(deps.findCardNumber({ data }))
    const message = await store.find(appId, id)
    const outcome = judgeTaking(message, page, clock.now())
    if (message === null || outcome === 'unknown') throw refusedTaking('unknown', message)
    const { scope, name } = message.original
    const declared = Object.keys(message.callbacks)
    if (!declared.includes(callback) || !callbacksOf(scope, name)?.includes(callback)) {
      throw unknownCallback(callback, declared)
    }
    if (outcome !== 'taken') throw refusedTaking(outcome, message)

    const verdict = await judge(message, { name, callback, data, declared })
    const handler = message.callbacks[verdict.callback]?.name ?? null
    if (!(await canRun(appId, handler))) {
      log.warn(
        { appId, messageId: id, callback: verdict.callback },
        'A page answered, but the process that was to run the callback is gone; register it by name (ui.registerCallback)',
      )
      throw goneHandler(verdict.callback)
    }
    const jobId: UiCallbackId = `uic_${deps.newId().replaceAll('-', '')}`
    const taking = await store.settle(appId, id, { id: jobId, ...verdict, page }, clock.now())
    if (taking.outcome !== 'taken') throw refusedTaking(taking.outcome, taking.message)
    deps.onChanged()
    return { callback: verdict.callback, verified: verdict.verified }
  }

  async function judge(message: UiMessage, answer: PageAnswer): Promise<Verdict> {
    if (!claimsSuccess(answer)) return judgeFailure(answer)
    const intent = intentOf(answer.name, message.original['data'])
    const verdict = judgeSuccess(answer, intent, await readIntent(message.appId, intent))
    if (!verdict.verified) {
      const { appId, id } = message
      log.warn(
        { appId, messageId: id, callback: answer.callback, intent: intent.id },
        'A page reported a success that Stripe does not confirm; it runs as a failure',
      )
    }
    return verdict
  }

  async function readIntent(appId: string, { kind, id, account }: MessageIntent) {
    const stripe = deps.stripeFor(appId)
    try {
      return kind === 'setupIntent'
        ? await stripe.retrieveSetupIntent(id, {}, { account })
        : await stripe.retrievePaymentIntent(id, {}, { account })
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'resource_missing') return null
      throw error
    }
  }

  /** A named handler can wait for its process; a function of one process cannot. */
  async function canRun(appId: string, handler: string | null): Promise<boolean> {
    const instance = instanceOf(handler)
    if (instance === null) return true
    for (let waited = 0; ; waited += LOOK_EVERY_MS) {
      if (await store.hasInstance(appId, instance, clock.now())) return true
      if (waited >= RETURN_MS) return false
      await deps.pause(LOOK_EVERY_MS)
    }
  }
}
