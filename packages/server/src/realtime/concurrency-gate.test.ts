import { expect, test } from 'vitest'
import { createConcurrencyGate } from './concurrency-gate.ts'

test('so many run at a time, the rest in the order in which they came, and a failure frees its place', async () => {
  const gate = createConcurrencyGate(2)
  const begun: number[] = []
  const finish: ((error?: Error) => void)[] = []
  const results = Array.from({ length: 5 }, (_, n) =>
    gate
      .run(() => {
        begun.push(n)
        return new Promise<number>((resolve, reject) => {
          finish[n] = (error) => (error === undefined ? resolve(n) : reject(error))
        })
      })
      .catch((error: Error) => error.message),
  )
  expect(begun).toEqual([0, 1])
  finish[1]?.(new Error('failed'))
  await results[1]
  await Promise.resolve()
  expect(begun).toEqual([0, 1, 2])
  for (const n of [0, 2, 3, 4]) {
    finish[n]?.()
    await results[n]
  }
  expect(await Promise.all(results)).toEqual([0, 'failed', 2, 3, 4])
})
