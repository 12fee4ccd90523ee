/** Decides how a message ends: Stripe tells a success, whoever says what; of a page only the reason of a failure counts. */
import { callbacksOf } from '@tollbridge/protocol'
import type { MessageIntent } from './message-intent.ts'
import type { FoundIntent } from './read-intent.ts'

export interface PageAnswer {
  /** Of the plugin's function, such as `handleCardAction`. */
  readonly name: string
  readonly callback: string
  /** As the page posted it. */
  readonly data: unknown
  /** The callbacks that the message has. */
  readonly declared: readonly string[]
  /** The intent's status when the message was sent; null: not known. */
  readonly before: string | null
}

/** Which callback runs, with what. */
export interface Verdict {
  readonly callback: string
  readonly data: Readonly<Record<string, unknown>>
  readonly verified: boolean
}

/** The status of these is what the callback promises. */
const GOOD: Readonly<Record<MessageIntent['kind'], readonly string[]>> = {
  setupIntent: ['succeeded', 'processing'],
  // The first is what handleCardAction leads to; the others come after it, when the server was faster.
  paymentIntent: ['requires_confirmation', 'processing', 'requires_capture', 'succeeded'],
}

/** Whether the answer says that it went well, so that Stripe has to be asked. */
export function claimsSuccess({ name, callback, data }: PageAnswer): boolean {
  if (callback === 'onFail' || callback === 'onCancel') return false
  // A saved card is promised by the name alone: who handles it looks for no error.
  return name === 'collectPaymentInformation' || errorOf(data) === null
}

/**
 * What Stripe's own word makes of a message; null: that it went well cannot be told from it. An intent that was where it
 * is before the message was sent is none of this message's doing: the card that was typed now was not saved.
 */
export function judgeWord(
  { name, declared, before }: Pick<PageAnswer, 'name' | 'declared' | 'before'>,
  { kind, id }: MessageIntent,
  found: FoundIntent | null,
): Verdict | null {
  if (found === null || found.id !== id || !GOOD[kind].includes(found.status) || found.status === before)
    return null
  const names = callbacksOf('plugin:stripe', name) ?? []
  const callback = [...SUCCESSES.filter((it) => declared.includes(it)), ...names][0] ?? 'onSuccess'
  return success(callback, kind, found)
}

/** For an answer that claims no success, where Stripe tells of none either. */
export function judgeFailure({ name, callback, data, declared }: PageAnswer): Verdict {
  const error = errorOf(data)
  if (callback === 'onCancel')
    return { callback, data: error === null ? {} : failure(error), verified: false }
  const runs = name === 'handleCardAction' && callback === 'onSuccess' ? orFail(callback, declared) : callback
  return { callback: runs, data: failure(error ?? UNTOLD), verified: false }
}

/** For one that does, with the intent as Stripe has it; null: Stripe has none with that id. */
export function judgeSuccess(
  { callback, declared }: PageAnswer,
  { kind, id }: MessageIntent,
  found: FoundIntent | null,
): Verdict {
  if (found !== null && found.id === id && GOOD[kind].includes(found.status)) {
    return success(callback, kind, found)
  }
  const noun = kind === 'setupIntent' ? 'SetupIntent' : 'PaymentIntent'
  const error = {
    type: 'verification_error',
    code: found === null ? 'intent_not_found' : 'intent_not_successful',
    message:
      found === null
        ? `The page reported a success, but Stripe knows no ${noun} ${id}.`
        : `The page reported a success, but the ${noun} ${id} is ${found.status}.`,
  }
  return { callback: orFail(callback, declared), data: failure(error), verified: false }
}

/** Whichever of them the sender knows. */
const SUCCESSES = ['cardActionCallback', 'onSuccess']

function success(callback: string, kind: MessageIntent['kind'], found: FoundIntent): Verdict {
  const result = { [kind]: found }
  return { callback, data: { ...result, result }, verified: true }
}

const UNTOLD = {
  type: 'api_error',
  code: 'unknown',
  message: 'The page reported a failure without a reason.',
}

function orFail(callback: string, declared: readonly string[]): string {
  return declared.includes('onFail') ? 'onFail' : callback
}

function failure(error: object) {
  return { error, result: { error } }
}

function errorOf(data: unknown): object | null {
  const error = typeof data === 'object' && data !== null && 'error' in data ? data.error : null
  return typeof error === 'object' && error !== null && !Array.isArray(error) ? error : null
}
