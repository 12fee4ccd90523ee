/** An alarm while events come in shapes that this code was not made for. */
import { beforeEach, expect, test } from 'vitest'
import { type ApiVersionWatch, createApiVersionWatch } from './watch-api-version.ts'

let told: string[]
let ofEndpoint: string | null
let watch: ApiVersionWatch

beforeEach(() => {
  told = []
  ofEndpoint = null
  watch = createApiVersionWatch({
    expected: '2026-10-28.endive',
    alarms: {
      raise: async ({ subject, message }) => void told.push(`${subject}: ${message}`),
      clear: async ({ subject }) => void told.push(`${subject} over`),
    },
    endpoints: () => [{ appId: 'app_1', endpointId: 'we_1' }],
    versionOf: async () => ofEndpoint,
  })
})

test('another release is an alarm once, and it ends with the first event of the right one', () => {
  for (let n = 0; n < 3; n++) watch.seen('app_1', '2020-08-27')
  watch.seen('app_1', '2026-11-25.endive')
  watch.seen('app_1', '2026-11-25.endive')
  expect(told).toEqual([
    'app_1: Events come in API version 2020-08-27; this version of Tollbridge is made for 2026-10-28.endive.',
    'app_1 over',
  ])
})

test('the endpoint at Stripe is looked at as well', async () => {
  await watch.checkEndpoints()
  expect(told).toEqual([])
  ofEndpoint = '2026-03-25.dahlia'
  await watch.checkEndpoints()
  ofEndpoint = '2026-10-28.endive'
  await watch.checkEndpoints()
  expect(told).toEqual([
    'we_1: The endpoint we_1 sends API version 2026-03-25.dahlia; this version of Tollbridge is made for 2026-10-28.endive.',
    'we_1 over',
  ])
})
