import { describe, expect, test } from 'vitest'
import { createDeliveryProgress } from './delivery-progress.ts'

const positions = ({ flushedPosition, provenPosition }: ReturnType<typeof createDeliveryProgress>) => [
  flushedPosition,
  provenPosition,
]

test('a new subscription knows nothing until its past is done', () => {
  const progress = createDeliveryProgress(null)
  expect(positions(progress)).toEqual([null, null])
  progress.caughtUp(9)
  expect(positions(progress)).toEqual([9, 9])
})

test('a resumed subscription starts where it stopped', () => {
  expect(positions(createDeliveryProgress(4))).toEqual([4, 4])
})

describe('what was sent', () => {
  test('counts as flushed when it left, and as proven when the heartbeat behind it was answered', () => {
    const progress = createDeliveryProgress(1)
    progress.queued(2)
    progress.queued(3)
    progress.flushed(2)
    expect(positions(progress)).toEqual([2, 1])
    progress.mark()
    progress.queued(4)
    progress.flushed(3)
    progress.flushed(4)
    progress.prove()
    expect(positions(progress)).toEqual([4, 3])
  })

  test('is proven by the next poll of a polling client', () => {
    const progress = createDeliveryProgress(1)
    progress.queued(2)
    progress.flushed(2)
    progress.queued(3)
    progress.proveFlushed()
    expect(positions(progress)).toEqual([2, 2])
  })
})

describe('the end of the past', () => {
  test('skips what did not match, but not what is still on its way', () => {
    const idle = createDeliveryProgress(1)
    idle.caughtUp(9)
    expect(positions(idle)).toEqual([9, 9])
    const busy = createDeliveryProgress(1)
    busy.queued(2)
    busy.caughtUp(9)
    expect(positions(busy)).toEqual([1, 1])
  })

  test('does not prove what was only flushed', () => {
    const progress = createDeliveryProgress(1)
    progress.queued(2)
    progress.flushed(2)
    progress.caughtUp(9)
    expect(positions(progress)).toEqual([9, 1])
  })
})
