/** A clock that parts from Stripe's is one alarm, until it agrees again. */
import { expect, test } from 'vitest'
import { createSkewWatch } from './watch-skew.ts'

test('beyond a minute it is raised once, and cleared once it agrees', async () => {
  const said: string[] = []
  let skews: readonly number[] = []
  const watch = createSkewWatch({
    alarms: {
      raise: async ({ kind, appId, message }) => void said.push(`${kind} ${appId} ${message}`),
      clear: async ({ kind }) => void said.push(`${kind} over`),
    },
    skewsMs: () => skews,
  })
  await watch.check()
  expect(said).toEqual([])
  for (const given of [[59_000], [0, -61_000], [-61_000], [-50_000], [1_000], [2_000], [3_600_000]]) {
    skews = given
    await watch.check()
  }
  expect(said).toEqual([
    'clock_skew null The clock of this machine is 61 s behind Stripe’s.',
    'clock_skew over',
    'clock_skew null The clock of this machine is 3600 s ahead of Stripe’s.',
  ])
})
