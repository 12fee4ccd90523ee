import { expect, test } from 'vitest'
import { judgeOrderIds, type ReadSettings } from './check-order-ids.ts'

const settings = (more: Partial<ReadSettings> = {}): ReadSettings => ({
  CLIENT_READS: 'pinned',
  REQUIRE_WATCH_TOKEN: false,
  ORDER_IDS_ARE_SECRET: undefined,
  ...more,
})

test.each(['test', 'live'] as const)('a %s app is asked whether its order ids can be guessed', (mode) => {
  expect(judgeOrderIds(mode, settings())).toMatchObject({
    status: 'warn',
    fix: expect.stringMatching(/ORDER_IDS_ARE_SECRET=false .* or true/),
  })
  expect(judgeOrderIds(mode, settings({ ORDER_IDS_ARE_SECRET: false })).status).toBe('ok')
})

test('secret order ids are looked at once more before the app is live, and then believed', () => {
  const secret = settings({ ORDER_IDS_ARE_SECRET: true })
  expect(judgeOrderIds('test', secret)).toMatchObject({
    status: 'warn',
    fix: expect.stringContaining('UUID'),
  })
  expect(judgeOrderIds('live', secret).status).toBe('ok')
})

test('a sandbox app is asked nothing, nor one whose clients show watch tokens for all', () => {
  expect(judgeOrderIds('sandbox', settings()).status).toBe('ok')
  const tokens = settings({ REQUIRE_WATCH_TOKEN: true, ORDER_IDS_ARE_SECRET: true })
  expect(judgeOrderIds('test', tokens).status).toBe('ok')
})

test('a real app whose clients may listen to everything is told of it', () => {
  expect(judgeOrderIds('live', settings({ CLIENT_READS: 'open' }))).toMatchObject({
    status: 'warn',
    fix: expect.stringContaining('CLIENT_READS=pinned'),
  })
})
