import { EventEmitter } from 'node:events'
import type { Socket } from 'socket.io'
import { expect, test } from 'vitest'
import { type HeartbeatMoment, watchHeartbeats } from './watch-heartbeats.ts'

function setUp(protocol: 3 | 4, transport: 'polling' | 'websocket') {
  const conn = Object.assign(new EventEmitter(), { protocol, transport: { name: transport } })
  const moments: HeartbeatMoment[] = []
  const stop = watchHeartbeats(conn as unknown as Socket['conn'], (moment) => moments.push(moment))
  return { conn, moments, stop }
}

test('protocol 4: the server pings, the answer proves what was sent before the ping', () => {
  const { conn, moments } = setUp(4, 'websocket')
  conn.emit('packetCreate', { type: 'message' })
  conn.emit('packetCreate', { type: 'ping' })
  conn.emit('flush')
  conn.emit('heartbeat')
  expect(moments).toEqual(['sent', 'answered'])
})

test('protocol 3: the client pings, which proves what was sent before the last pong', () => {
  const { conn, moments } = setUp(3, 'websocket')
  conn.emit('packetCreate', { type: 'pong' })
  conn.emit('heartbeat')
  expect(moments).toEqual(['answered', 'sent'])
})

test('polling: each new answer proves the one before', () => {
  const { conn, moments, stop } = setUp(4, 'polling')
  conn.emit('flush')
  stop()
  conn.emit('flush')
  expect(moments).toEqual(['polled'])
})
