/** Following a stream: what it shows of the server, when it comes back, and when it gives up. */
import { describe, expect, test } from 'vitest'
import { type FollowOptions, followStream, reconnectDelay } from './follow-stream.ts'
import { manualWorld } from './manual-world.conformance.ts'

interface Line {
  readonly lastId: string | null
  readonly signal: AbortSignal
  accept(): Promise<void>
  send(text: string): Promise<void>
  end(): Promise<void>
  fail(error: unknown): Promise<void>
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

function follow(overrides: Partial<FollowOptions> = {}) {
  const world = manualWorld()
  const lines: Line[] = []
  const told: string[] = []
  const following = followStream({
    connect: (lastId, signal) =>
      new Promise((resolve, reject) => {
        let stream: ReadableStreamDefaultController<Uint8Array> | undefined
        signal.addEventListener('abort', () => {
          reject(signal.reason)
          stream?.error(signal.reason)
        })
        lines.push({
          lastId,
          signal,
          async accept() {
            const body = new ReadableStream<Uint8Array>({
              start: (controller) => {
                stream = controller
              },
            })
            resolve(new Response(body))
            await settle()
          },
          async send(text) {
            stream?.enqueue(new TextEncoder().encode(text))
            await settle()
          },
          async end() {
            stream?.close()
            await settle()
          },
          async fail(error) {
            reject(error)
            await settle()
          },
        })
      }),
    onEvent: ({ data }) => told.push(data),
    onOpen: () => told.push('(open)'),
    onRefused: (error) => told.push(`(refused ${(error as { status: number }).status})`),
    world,
    ...overrides,
  })
  const line = (index: number) => lines[index] as Line
  return { world, lines, line, told, following }
}

describe('a followed stream', () => {
  test('comes back behind the last id, an id without data too', async () => {
    const { line, lines, told, world } = follow()
    expect(line(0).lastId).toBe(null)
    await line(0).accept()
    await line(0).send('id: 5\ndata: five\n\nid: 6\n\n')
    await line(0).end()
    await world.advance(1_000)
    expect(line(1).lastId).toBe('6')
    await line(1).accept()
    await line(1).send('id: 7\ndata: seven\n\n')
    expect(told).toEqual(['(open)', 'five', '(open)', 'seven'])
    expect(lines).toHaveLength(2)
  })

  test('waits longer after each failure, and short again after the server has spoken', async () => {
    const { line, lines, world } = follow()
    const waits: number[] = []
    for (let failure = 0; failure < 8; failure++) {
      await line(failure).fail(new TypeError('Failed to fetch'))
      waits.push(world.nextTimer())
      await world.advance(world.nextTimer())
      expect(lines).toHaveLength(failure + 2)
    }
    // The chance of this world is 0.5, which is three quarters of the longest wait.
    expect(waits).toEqual([750, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500, 22_500])
    await line(8).accept()
    await line(8).send('retry: 2000\n\n')
    await line(8).end()
    expect(world.nextTimer()).toBe(1_500)
  })

  test.each([400, 401, 403, 404])('stops for good at %d', async (status) => {
    const { line, lines, told, world } = follow()
    await line(0).fail(Object.assign(new Error('no'), { status }))
    await world.advance(100_000)
    expect(told).toEqual([`(refused ${status})`])
    expect(lines).toHaveLength(1)
    expect(world.timers()).toBe(0)
  })

  test.each([408, 425, 429, 500, 503])('tries again after %d', async (status) => {
    const { line, lines, told, world } = follow()
    await line(0).fail(Object.assign(new Error('not now'), { status }))
    await world.advance(1_000)
    expect(told).toEqual([])
    expect(lines).toHaveLength(2)
  })

  test('takes a line for dead that is silent for longer than the server ever is', async () => {
    const { line, lines, world } = follow()
    await line(0).accept()
    for (let beat = 0; beat < 5; beat++) {
      await world.advance(15_000)
      await line(0).send(':\n\n')
    }
    expect(lines).toHaveLength(1)
    await world.advance(39_999)
    expect(lines).toHaveLength(1)
    await world.advance(1)
    await world.advance(1_000)
    expect(line(0).signal.aborted).toBe(true)
    expect(lines).toHaveLength(2)
  })

  test('a network that comes back ends the wait, and a connection of the old network', async () => {
    const { line, lines, world } = follow()
    await line(0).fail(new TypeError('Failed to fetch'))
    await world.returned('online')
    expect(lines).toHaveLength(2)
    await line(1).accept()
    await world.returned('online')
    expect(line(1).signal.aborted).toBe(true)
    expect(lines).toHaveLength(3)
  })

  test('a page that is looked at again trusts a line that spoke lately, and no other', async () => {
    const { line, lines, world } = follow()
    await line(0).accept()
    await world.advance(19_999)
    await world.returned('visible')
    expect(lines).toHaveLength(1)
    await world.advance(1)
    await world.returned('visible')
    expect(lines).toHaveLength(2)
  })

  test('closed, it tells nothing more and leaves nothing behind', async () => {
    const { line, lines, told, world, following } = follow({
      onEvent: ({ data }) => {
        told.push(data)
        following.close()
      },
    })
    await line(0).accept()
    await line(0).send('data: one\n\ndata: two\n\n')
    await world.returned('online')
    await world.advance(100_000)
    expect(told).toEqual(['(open)', 'one'])
    expect(line(0).signal.aborted).toBe(true)
    expect(lines).toHaveLength(1)
    expect(world.timers()).toBe(0)
    expect(world.listeners()).toBe(0)
  })
})

test('delays double, stay under half a minute, and are spread over half of themselves', () => {
  expect(reconnectDelay(0, 1_000, () => 0)).toBe(500)
  expect(reconnectDelay(0, 1_000, () => 1)).toBe(1_000)
  expect(reconnectDelay(3, 1_000, () => 0)).toBe(4_000)
  expect(reconnectDelay(2_000, 1_000, () => 1)).toBe(30_000)
})
