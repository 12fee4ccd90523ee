/** An alarm after refusals in a row, and its end with the first good delivery. */
import { beforeEach, expect, test } from 'vitest'
import { createSignatureWatch, type SignatureWatch } from './watch-signatures.ts'

let now: number
let told: string[]
let watch: SignatureWatch

beforeEach(() => {
  now = 1_000_000
  told = []
  watch = createSignatureWatch({
    steady: { elapsed: () => now },
    alarms: {
      raise: async ({ subject, message }) => void told.push(`raise ${subject}: ${message}`),
      clear: async ({ subject }) => void told.push(`clear ${subject}`),
    },
  })
})

const refuse = (times: number) => {
  for (let n = 0; n < times; n++) watch.refused('app_1', 'It does not fit.')
}

test('five in a row are an alarm, four and a good one are none', () => {
  refuse(4)
  watch.accepted('app_1')
  refuse(4)
  expect(told).toEqual(['clear app_1'])
  refuse(1)
  expect(told.at(-1)).toBe(
    'raise app_1: 5 deliveries in a row were refused in 1 s. The last: It does not fit.',
  )
})

test('a flood of refusals is counted once a minute', () => {
  refuse(1_000)
  expect(told).toHaveLength(1)
  now += 60_000
  refuse(1_000)
  expect(told).toHaveLength(2)
})

test('a good delivery ends the alarm, that of an earlier run too, and later ones do nothing', () => {
  watch.accepted('app_2')
  for (let n = 0; n < 100; n++) watch.accepted('app_2')
  expect(told).toEqual(['clear app_2'])
  refuse(5)
  watch.accepted('app_1')
  expect(told.slice(-1)).toEqual(['clear app_1'])
})
