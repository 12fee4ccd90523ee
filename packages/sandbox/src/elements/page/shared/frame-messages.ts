/** What the host page and an element's frame say to each other, and how either reads it. */

const PROTOCOL = 'sandbox-elements/1'

/** The host asks the frame to do something. */
export interface Call {
  kind: 'call'
  id: number
  method: string
  params: unknown
}

/** The frame answers one call; a refusal carries its message. */
export type Answer =
  | { kind: 'answer'; id: number; ok: true; value: unknown }
  | { kind: 'answer'; id: number; ok: false; message: string }

/** The frame tells of something by itself. */
export interface Notice {
  kind: 'notice'
  name: string
  detail: unknown
}

export type FrameMessage = Call | Answer | Notice

export function wrapMessage(message: FrameMessage): FrameMessage & { protocol: string } {
  return { protocol: PROTOCOL, ...message }
}

/** The message, or undefined for the other things that pages post to each other. */
export function readMessage(data: unknown): FrameMessage | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  return (data as { protocol?: unknown }).protocol === PROTOCOL ? (data as FrameMessage) : undefined
}

/** Pages without an origin, such as files, can only be addressed as anybody. */
export function addressOf(origin: string): string {
  return origin === 'null' ? '*' : origin
}
