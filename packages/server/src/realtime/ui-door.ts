/** Messages for pages as the transports of this folder need them; the wiring brings who does the work. */
import type { IncomingHttpHeaders } from 'node:http'
import type { ServiceError } from '../errors.ts'

export interface UiProof {
  readonly token: unknown
  readonly tab: unknown
  /** Of the handshake: where the page comes from. */
  readonly headers: IncomingHttpHeaders
}

export interface UiSink {
  show(message: object): void
  /** Undefined while the reader keeps up; else resolves when it has read, or is gone. */
  ready(): Promise<void> | undefined
  end(id: string, reason: string): void
  over(reason: ServiceError): void
}

/** Each throws ServiceError: `ui_session_invalid`, `ui_session_expired`, `origin_refused`, and what PROTOCOL.md §7.4 names. */
export interface UiDoor {
  /** @returns the way to end it. */
  connect(proof: UiProof, sink: UiSink): Promise<() => void>
  claim(proof: UiProof, options: object): Promise<object>
  answer(proof: UiProof, options: object): Promise<object>
}
