/** Why a page, or a sender, cannot have its way with a message; in the words that they read. */
import { ServiceError } from '../errors.ts'
import { isOpen, stateAtExpiry } from '../store/ui-message-state.ts'
import type { UiMessage, UiTaking } from '../store/ui-message-store.ts'

/** The outcomes of a step that did not happen, as errors. */
export function refusedTaking(
  outcome: Exclude<UiTaking['outcome'], 'taken'>,
  message: UiMessage | null,
): ServiceError {
  switch (outcome) {
    case 'unknown':
      return unknownMessage()
    case 'claimed':
      return new ServiceError('ui_message_claimed', {
        message: 'Another tab has opened this message already.',
      })
    case 'settled':
      return new ServiceError('ui_message_settled', { message: 'This message has been answered already.' })
    case 'ended': {
      const reason = message === null ? 'expired' : (message.endsAs ?? endOf(message))
      return new ServiceError('ui_message_ended', {
        message: `This message is over: it ${reason === 'canceled' ? 'was canceled' : 'has expired'}.`,
        details: { reason },
      })
    }
  }
}

function endOf(message: UiMessage): UiMessage['state'] {
  return isOpen(message) ? stateAtExpiry(message) : message.state
}

export function unknownMessage(): ServiceError {
  return new ServiceError('resource_missing', { message: 'There is no such message.', param: 'id' })
}

export function unknownCallback(callback: string, declared: readonly string[]): ServiceError {
  return new ServiceError('resource_missing', {
    message: `The message has no callback ${callback.slice(0, 64)}; it has: ${declared.join(', ') || 'none'}.`,
    param: 'callback',
  })
}

export function goneHandler(callback: string): ServiceError {
  return new ServiceError('ui_callback_gone', {
    message: `The process that was to run ${callback} is gone. A callback that is registered by name outlives it.`,
    param: 'callback',
  })
}

/** Deeper, nobody looks for a card number, and JSON cannot be written. */
const DEEPEST = 30

export function refuseDepth(value: unknown): void {
  if (!isDeeper(value, DEEPEST)) return
  throw new ServiceError('parameter_invalid', {
    message: `The field data, or another one, is nested more than ${DEEPEST} levels deep; send something flatter.`,
    param: 'data',
  })
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}

export function refuseCardNumber(path: string | null): void {
  if (path === null) return
  throw new ServiceError('card_number_refused', {
    message: `The field ${path.slice(0, 100)} carries a card number, which must never come here: it goes from Stripe’s form in the page to Stripe.`,
    param: path.slice(0, 100),
  })
}
