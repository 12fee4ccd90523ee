import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeMasterKey } from './master-key.ts'
import { createSealer } from './sealer.ts'
import { createSecretValues, isReference } from './secret-value.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-values-'))
afterAll(() => rmSync(folder, { recursive: true }))
const key = makeMasterKey(randomBytes)
const sealer = createSealer({ keyring: { current: () => key, find: () => key }, random: randomBytes })
const env: Record<string, string> = {}
const values = createSecretValues({ sealer, env })
const place = { appId: 'app_1', name: 'stripe_secret_key' }

test('a secret is sealed, and a reference is kept as it is', () => {
  const stored = values.store('sk_test_1234', place)
  expect(stored).toMatch(/^tb1\./)
  expect(values.read(stored, place)).toBe('sk_test_1234')
  expect(values.store('env:STRIPE_KEY', place)).toBe('env:STRIPE_KEY')
})

test('a reference is looked up at each use', () => {
  const file = join(folder, 'secret')
  env['STRIPE_KEY'] = 'one'
  writeFileSync(file, 'two\n')
  expect(values.read('env:STRIPE_KEY', place)).toBe('one')
  expect(values.read(`file:${file}`, place)).toBe('two')
  env['STRIPE_KEY'] = 'three'
  writeFileSync(file, 'four\n')
  expect(values.read('env:STRIPE_KEY', place)).toBe('three')
  expect(values.read(`file:${file}`, place)).toBe('four')
})

test('a reference that leads nowhere says where it looked and what to do', () => {
  expect(() => values.read('env:NOTHING_HERE', place)).toThrow(
    /stripe_secret_key of the app app_1 is env:NOTHING_HERE, and nothing is there: set it/,
  )
  expect(() => values.read(`file:${join(folder, 'missing')}`, place)).toThrow(/put the secret into it/)
})

test('what looks like a secret is no reference', () => {
  for (const text of ['sk_test_env:X', 'env:', 'env:A B', 'file:relative', 'whsec_file:/x', '']) {
    expect(isReference(text), text).toBe(false)
  }
})
