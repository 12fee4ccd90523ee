import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import { openKeyring } from './keyring.ts'
import { rotateSecrets } from './rotate-secrets.ts'
import { createSealer, sealedWith } from './sealer.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-rotate-'))
afterAll(() => rmSync(folder, { recursive: true }))
let made = 0

async function setUp() {
  const keyring = openKeyring({
    fromEnvironment: [],
    file: join(folder, `key-${made++}`),
    random: randomBytes,
  })
  const sealer = createSealer({ keyring, random: randomBytes })
  const { secrets } = createMemoryStore()
  const put = (name: string, value: string) =>
    secrets.apply([
      { kind: 'put', secret: { appId: 'app_1', name, value, note: null, createdAt: 1, validUntil: null } },
    ])
  const place = (name: string) => ({ appId: 'app_1', name })
  await put('sealed', sealer.seal('one', place('sealed')))
  await put('reference', 'env:TWO')
  await put('from_migration', 'plain:three')
  const read = async () =>
    Object.fromEntries(
      (await secrets.list()).map(({ name, value }) => [
        name,
        sealedWith(value) === null ? value : sealer.open(value, place(name)),
      ]),
    )
  return { keyring, sealer, secrets, put, place, read }
}

test('everything is sealed with the new key, references stay, and what was in plain is sealed', async () => {
  const { keyring, sealer, secrets, read } = await setUp()
  const before = keyring.current().id
  expect(await rotateSecrets({ secrets, sealer, keyring })).toEqual({ resealed: 2, untouched: 1 })
  expect(await read()).toEqual({ sealed: 'one', reference: 'env:TWO', from_migration: 'three' })
  const ids = (await secrets.list()).map(({ value }) => sealedWith(value)).filter((id) => id !== null)
  expect(new Set(ids)).toEqual(new Set([keyring.current().id]))
  expect(keyring.current().id).not.toBe(before)
})

test('a rotation that was broken off after the new key loses nothing, however often it is tried', async () => {
  const { keyring, sealer, secrets, read } = await setUp()
  const broken = { ...secrets, apply: () => Promise.reject(new Error('The power went out')) }
  for (let time = 0; time < 3; time += 1) {
    await expect(rotateSecrets({ secrets: broken, sealer, keyring })).rejects.toThrow('The power went out')
  }
  await rotateSecrets({ secrets, sealer, keyring })
  expect(await read()).toMatchObject({ sealed: 'one', from_migration: 'three' })
})

test('what is written during a rotation stays as it was written', async () => {
  const { keyring, sealer, secrets, put, place, read } = await setUp()
  const meanwhile = {
    ...secrets,
    apply: async (changes: Parameters<typeof secrets.apply>[0]) => {
      await put('sealed', sealer.seal('written meanwhile', place('sealed')))
      await secrets.apply(changes)
    },
  }
  await rotateSecrets({ secrets: meanwhile, sealer, keyring })
  expect(await read()).toMatchObject({ sealed: 'written meanwhile' })
})
