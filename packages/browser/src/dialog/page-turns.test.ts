/** One dialog at a time: turns come in order, and one that is given up holds nobody up. */
import { expect, test } from 'vitest'
import { takeTurn } from './page-turns.ts'

/** Lets everything run that needs no more than promises. */
async function settle(): Promise<void> {
  for (let round = 0; round < 20; round++) await Promise.resolve()
}

function line() {
  const order: string[] = []
  const ends: (() => void)[] = []
  const join = (name: string, signal?: AbortSignal) =>
    takeTurn(signal).then(
      (end) => {
        order.push(name)
        ends.push(end)
      },
      (error) => {
        order.push(`${name} left: ${error}`)
      },
    )
  return { order, join, endFirst: () => ends.shift()?.() }
}

test('turns come one after the other, in the order of asking', async () => {
  const { order, join, endFirst } = line()
  for (const name of ['a', 'b', 'c']) void join(name)
  await settle()
  expect(order).toEqual(['a'])
  endFirst()
  await settle()
  expect(order).toEqual(['a', 'b'])
  endFirst()
  await settle()
  expect(order).toEqual(['a', 'b', 'c'])
  endFirst()
})

test('one who leaves the queue loses his turn, and the others keep their order', async () => {
  const { order, join, endFirst } = line()
  const leaver = new AbortController()
  void join('a')
  void join('b', leaver.signal)
  void join('c')
  await settle()
  leaver.abort('tired')
  await settle()
  // The next still waits for the first.
  expect(order).toEqual(['a', 'b left: tired'])
  endFirst()
  await settle()
  expect(order).toEqual(['a', 'b left: tired', 'c'])
  endFirst()
})

test('one who left before asking never gets a turn', async () => {
  const { order, join } = line()
  await join('a', AbortSignal.abort('gone'))
  expect(order).toEqual(['a left: gone'])
})
