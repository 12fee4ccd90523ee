/** A register holds the same, whatever the order in which snapshots come. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chosen, isUndecided, join, type Register, seenOnce, settle } from './register.ts'

interface Content {
  readonly status: string
}

const register = fc
  .record({
    key: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 3 }),
    status: fc.constantFrom('a', 'b', 'c'),
  })
  .map(({ key, status }) => seenOnce<Content>(key, { status }))

function joinAll(registers: readonly Register<Content>[]): Register<Content> | null {
  return registers.reduce<Register<Content> | null>((all, one) => join(all, one), null)
}

test('joining is the same in any order and with any repetition', () => {
  const shuffled = fc
    .array(register, { minLength: 1, maxLength: 8 })
    .chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
    )
  fc.assert(
    fc.property(shuffled, ([all, again]) => {
      expect(joinAll(again)).toEqual(joinAll(all))
    }),
  )
})

test('the greatest key wins, and a longer one beats its own beginning', () => {
  const joined = joinAll([
    seenOnce<Content>([1, 5], { status: 'a' }),
    seenOnce<Content>([1, 5, 0], { status: 'b' }),
    seenOnce<Content>([1, 4, 9], { status: 'c' }),
  ])
  expect(joined && chosen(joined)).toEqual({ status: 'b' })
})

test('an answer settles what was known when it was asked, until another snapshot of that moment comes', () => {
  const basis = joinAll([
    seenOnce<Content>([1, 5], { status: 'a' }),
    seenOnce<Content>([1, 5], { status: 'b' }),
  ])
  expect(basis && isUndecided(basis)).toBe(true)
  const settled = settle(basis, basis, 1, { status: 'b' })
  expect(isUndecided(settled)).toBe(false)
  expect(chosen(settled)).toEqual({ status: 'b' })
  expect(isUndecided(join(settled, seenOnce([1, 5], { status: 'a' })))).toBe(false)
  expect(isUndecided(join(settled, seenOnce([1, 5], { status: 'c' })))).toBe(true)
})

test('an answer does not hide a newer snapshot that came while it was asked for', () => {
  const basis = seenOnce<Content>([1, 5], { status: 'a' })
  const current = join(basis, seenOnce<Content>([1, 6], { status: 'newer' }))
  expect(chosen(settle(current, basis, 1, { status: 'a' }))).toEqual({ status: 'newer' })
})

test('an answer of an earlier stage than is known is old news', () => {
  const known = seenOnce<Content>([3, 5], { status: 'ended' })
  expect(chosen(settle(known, known, 1, { status: 'open' }))).toEqual({ status: 'ended' })
})

test('an answer of a later stage holds against every event of the stages before', () => {
  const settled = settle<Content>(seenOnce([1, 5], { status: 'open' }), null, 3, { status: 'ended' })
  expect(chosen(join(settled, seenOnce([1, 9], { status: 'open again' })))).toEqual({ status: 'ended' })
})
