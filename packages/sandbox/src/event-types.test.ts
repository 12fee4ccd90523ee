/** The names of events against the official types: neither more nor fewer. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { EVENT_TYPES } from './event-types.ts'

test('they are those that the official SDK declares for webhook endpoints', () => {
  const folder = dirname(dirname(createRequire(import.meta.url).resolve('stripe')))
  const declared = readFileSync(join(folder, 'esm', 'resources', 'WebhookEndpoints.d.ts'), 'utf8')
  const union = /type EnabledEvent =([^;]*);/.exec(declared)?.[1] ?? ''
  const names = [...union.matchAll(/'([a-z0-9_.]+)'/g)].map((match) => match[1])
  expect(names.length).toBeGreaterThan(250)
  expect([...EVENT_TYPES].sort()).toEqual(names.sort())
})
