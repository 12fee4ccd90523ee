/** Ends a connection for a reason of ours, in a way that the client can learn of where its transport allows. */
import { type ErrorCode, errorRow } from '@tollbridge/protocol'
import type { Socket } from 'socket.io'

export type DropReason = Extract<
  ErrorCode,
  'slow_consumer' | 'too_many_requests' | 'store_unavailable' | 'key_revoked' | 'app_disabled'
>

/** Close codes echo HTTP: 429 is 4429. */
const CLOSE_CODE_BASE = 4_000

/**
 * @param binary the Java client, which does not notice that a WebSocket was closed until its next heartbeat fails, after up to
 *   45 s. It comes back at once when it is told to leave; JavaScript clients, when told so, never do.
 */
export function dropConnection(socket: Socket, reason: DropReason, binary: boolean): void {
  const { conn } = socket
  const { transport } = conn
  if (binary) socket.disconnect()
  if (transport.name === 'websocket') {
    // What was written already still arrives, and counts as received; the WebSocket server gives up after 30 s.
    const { socket } = transport as unknown as { socket: { close(code: number, reason: string): void } }
    socket.close(CLOSE_CODE_BASE + errorRow(reason).status, reason)
  } else {
    // What waits is thrown away, but for the word to leave.
    conn.close(!binary)
  }
}
