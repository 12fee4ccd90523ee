/** Messages for pages over Socket.IO: the subscription UI_MESSAGES, the methods UI_CLAIM and UI_CALLBACK. */
import type { IncomingHttpHeaders } from 'node:http'
import type { UiDoor } from '../ui-door.ts'
import { dataJson, errorJson } from './answers.ts'
import type { Options } from './client-message.ts'
import type { Outbox } from './outbox.ts'

export const UI_SUBSCRIPTION = 'UI_MESSAGES'

/** A subscription that nothing is remembered of: who comes back is shown all that waits. */
export interface UiSubscription {
  readonly kind: 'ui'
  cancel(): void
}

export interface UiRequestsDeps {
  readonly door: UiDoor
  /** Of the handshake. */
  readonly headers: IncomingHttpHeaders
  readonly outbox: Pick<Outbox, 'send' | 'ready'>
}

export interface UiRequests {
  /** @param onReady called before the first message. @param onOver when the session has ended. */
  subscribe(id: string, options: Options, onReady: () => void, onOver: () => void): Promise<UiSubscription>
  isMethod(name: string): boolean
  call(name: string, options: Options): Promise<object>
}

export function createUiRequests({ door, headers, outbox }: UiRequestsDeps): UiRequests {
  const proofOf = ({ token, tab }: Options) => ({ token, tab, headers })
  return {
    async subscribe(id, options, onReady, onOver) {
      const tell = (data: object) => outbox.send('SUB_RES', dataJson(id, JSON.stringify(data)))
      const cancel = await door.connect(proofOf(options), {
        show: (message) => tell({ type: 'message', message }),
        ready: () => outbox.ready(),
        end: (message, reason) => tell({ type: 'end', id: message, reason }),
        over(reason) {
          onOver()
          outbox.send('SUB_RES', errorJson(id, reason, false))
        },
      })
      // What waits is read in the next turn of the event loop at the earliest.
      onReady()
      return { kind: 'ui', cancel }
    },
    isMethod: (name) => name === 'UI_CLAIM' || name === 'UI_CALLBACK',
    call(name, options) {
      const { token: _token, tab: _tab, ...rest } = options
      return name === 'UI_CLAIM' ? door.claim(proofOf(options), rest) : door.answer(proofOf(options), rest)
    },
  }
}
