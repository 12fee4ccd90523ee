/** A page answers a message: checked against the server's own copy and against Stripe, then written down once. */
import { callbacksOf } from '@tollbridge/protocol'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { instanceOf, isEnding, isOpen, judgeTaking } from '../store/ui-message-state.ts'
import type { UiCallbackId, UiMessage, UiMessageStore } from '../store/ui-message-store.ts'
import {
  claimsSuccess,
  judgeFailure,
  judgeSuccess,
  judgeWord,
  type PageAnswer,
  type Verdict,
} from './judge-callback.ts'
import { intentOf } from './message-intent.ts'
import type { PageCaller } from './page-caller.ts'
import type { ReadIntent } from './read-intent.ts'
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
  readonly store: Pick<UiMessageStore, 'find' | 'settle' | 'jobOf' | 'hasInstance'>
  readonly readIntent: ReadIntent
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
/** A page that was cut off may have begun a confirmation that Stripe is still at; a failure waits so long for its end. */
const CUT_OFF_MS = 3_000

export function createAnswerMessage(deps: AnswerMessageDeps): AnswerMessage {
  const { store, readIntent, clock, log } = deps

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
    if (message.state === 'settled') return settledBefore(message)

    const asked = { name, callback, data, declared, before: message.intentBefore }
    // Another tab has it, or its time is over: what Stripe says counts all the same, what a page says no more.
    const isLate = outcome !== 'taken'
    if (isLate && !(claimsSuccess(asked) && (isOpen(message) || isEnding(message))))
      throw refusedTaking(outcome, message)
    const verdict = await judge(message, asked)
    if (isLate && !verdict.verified) throw refusedTaking(outcome, message)
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
    if (taking.outcome === 'settled' && taking.message !== null) return settledBefore(taking.message)
    if (taking.outcome !== 'taken') throw refusedTaking(taking.outcome, taking.message)
    deps.onChanged()
    return { callback: verdict.callback, verified: verdict.verified }
  }

  /** Stripe's own word may have been faster than the page's; then the page hears what ran. Throws `ui_message_settled`. */
  async function settledBefore(message: UiMessage): Promise<Pick<Verdict, 'callback' | 'verified'>> {
    const job = await store.jobOf(message.id)
    if (job === null || job.page !== null) throw refusedTaking('settled', message)
    return { callback: job.callback, verified: job.verified }
  }

  async function judge(message: UiMessage, answer: PageAnswer): Promise<Verdict> {
    const { appId, id } = message
    const intent = intentOf(answer.name, message.original['data'])
    const found = await readIntent(appId, intent)
    if (claimsSuccess(answer)) {
      const verdict = judgeSuccess(answer, intent, found)
      if (!verdict.verified) {
        log.warn(
          { appId, messageId: id, callback: answer.callback, intent: intent.id },
          'A page reported a success that Stripe does not confirm; it runs as a failure',
        )
      }
      return verdict
    }
    const word = judgeWord(answer, intent, found)
    if (word !== null) return word
    if (message.claims < 2) return judgeFailure(answer)
    await deps.pause(CUT_OFF_MS)
    return judgeWord(answer, intent, await readIntent(appId, intent)) ?? judgeFailure(answer)
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
