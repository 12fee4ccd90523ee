import { expect, test } from 'vitest'
import { createManualTime } from '../../../../../test/support/manual-time.ts'
import { createMessageAllowance } from './message-allowance.ts'

test('a burst is allowed, then so many a second, and no more is saved up than one burst', () => {
  const time = createManualTime()
  const allowance = createMessageAllowance(time, { burst: 3, perSecond: 2 })
  const take = (times: number) => Array.from({ length: times }, () => allowance.take())
  expect(take(4)).toEqual([true, true, true, false])
  time.advance(1_000)
  expect(take(3)).toEqual([true, true, false])
  time.advance(3_600_000)
  expect(take(4)).toEqual([true, true, true, false])
})
