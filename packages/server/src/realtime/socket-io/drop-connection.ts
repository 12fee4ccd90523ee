/** Ends a connection for a reason of ours, in a way that the client can learn of where its transport allows. */
import { type ErrorCode, errorRow } from '@tollbridge/protocol'
import type { Socket } from 'socket.io'

export type DropReason = Extract<
  ErrorCode,
  'slow_consumer' | 'too_many_requests' | 'store_unavailable' | 'key_revoked' | 'app_disabled'
>

/** Close codes echo HTTP: 429 is 4429. */
const CLOSE_CODE_BASE = 4_000

export function dropConnection({ conn }: Socket, reason: DropReason): void {
  const { transport } = conn
  if (transport.name === 'websocket') {
    // What was written already still arrives, and counts as received; the WebSocket server gives up after 30 s.
    const { socket } = transport as unknown as { socket: { close(code: number, reason: string): void } }
    socket.close(CLOSE_CODE_BASE + errorRow(reason).status, reason)
  } else {
    conn.close(true)
  }
}
