import { describe, expect, test } from 'vitest'
import { createManualTime } from '../../../../test/support/manual-time.ts'
import { createDeliveryMemory, deliveryKey, type Holder } from './delivery-memory.ts'

const holder = (position: number | null = null): Holder => ({ provenPosition: () => position })

function setUp(mostEntries?: number) {
  const time = createManualTime()
  const memory = createDeliveryMemory({
    clock: time,
    lifetimeMs: 1_000,
    ...(mostEntries === undefined ? {} : { mostEntries }),
  })
  return { time, memory }
}

describe('a subscription that comes back', () => {
  test('continues where it was released', () => {
    const { memory } = setUp()
    const first = holder()
    expect(memory.hold('a', first)).toBeNull()
    memory.release('a', first, 7)
    expect(memory.hold('a', holder())).toBe(7)
  })

  test('is unknown after its time, and after it was given up', () => {
    const { memory, time } = setUp()
    const [a, b] = [holder(), holder()]
    memory.hold('a', a)
    memory.hold('b', b)
    memory.release('a', a, 7)
    memory.forget('b', b)
    time.advance(1_000)
    expect([memory.hold('a', holder()), memory.hold('b', holder())]).toEqual([null, null])
  })

  test('while its first connection still stands continues at what that one has proven', () => {
    const { memory } = setUp()
    const first = holder(5)
    memory.hold('a', first)
    expect(memory.hold('a', holder())).toBe(5)
    memory.release('a', first, 9)
    expect(memory.size).toBe(1)
  })
})

describe('memory', () => {
  test('gives up the longest unused first, and what is over its time', () => {
    const { memory, time } = setUp(2)
    for (const key of ['a', 'b', 'c']) {
      const one = holder()
      memory.hold(key, one)
      memory.release(key, one, 1)
    }
    expect(memory.size).toBe(2)
    expect(memory.hold('a', holder())).toBeNull()
    time.advance(1_000)
    const last = holder()
    memory.hold('d', last)
    memory.release('d', last, 1)
    expect(memory.size).toBe(2)
  })

  test('keys differ where any part does, and cannot run into each other', () => {
    const keys = [
      deliveryKey('a', 'b'),
      deliveryKey('ab'),
      deliveryKey('a', null, 'b'),
      deliveryKey('a', 'null', 'b'),
    ]
    expect(new Set(keys).size).toBe(4)
    expect(deliveryKey('a', 'b')).toBe(keys[0])
  })
})
