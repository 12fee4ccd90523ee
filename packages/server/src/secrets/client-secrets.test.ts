import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createClientSecrets } from './client-secrets.ts'
import { makeMasterKey } from './master-key.ts'

const oldest = makeMasterKey(randomBytes)
const keys = [oldest, makeMasterKey(randomBytes)]
let first = 0
let now = 0
const keyring = {
  current: () => keys[first] ?? oldest,
  find: (id: string) => keys.find((key) => key.id === id) ?? null,
}
const texts = createClientSecrets({ keyring, random: randomBytes, elapsed: () => now })
const EVENT = JSON.stringify({
  data: {
    object: { id: 'pi_1', client_secret: 'pi_1_secret_abc', next: ['seti_2_secret_xyz'], note: 'a_secret_' },
  },
})

test('client secrets are sealed where they stand, and come back as they were', () => {
  const sealed = texts.seal('app_1', EVENT)
  expect(sealed).not.toContain('abc')
  expect(sealed).not.toContain('xyz')
  expect(JSON.parse(sealed)).toMatchObject({ data: { object: { id: 'pi_1', note: 'a_secret_' } } })
  expect(texts.open('app_1', sealed)).toBe(EVENT)
  // What is sealed already is not sealed again.
  expect(texts.seal('app_1', sealed)).toBe(sealed)
})

test('a text without any is left alone', () => {
  const text = '{"id":"pi_1","secret":"no"}'
  expect(texts.seal('app_1', text)).toBe(text)
  expect(texts.open('app_1', text)).toBe(text)
})

test('a new master key seals after a moment, and the one before still opens', () => {
  const before = texts.seal('app_1', EVENT)
  first = 1
  now += 2_000
  const after = texts.seal('app_1', EVENT)
  expect(after).toContain(`tb1.${keys[1]?.id}.`)
  expect(texts.open('app_1', before)).toBe(EVENT)
  expect(texts.open('app_1', after)).toBe(EVENT)
})

test('a secret of another app, or whose key is gone, stays sealed', () => {
  const sealed = texts.seal('app_1', EVENT)
  expect(texts.open('app_2', sealed)).toBe(sealed)
  keys.splice(1)
  const later = createClientSecrets({ keyring, random: randomBytes })
  expect(later.open('app_1', sealed)).toBe(sealed)
})
