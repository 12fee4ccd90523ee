import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Keyring } from './keyring.ts'
import { type MasterKey, makeMasterKey } from './master-key.ts'
import { createSealer, sealedWith } from './sealer.ts'

const place = { appId: 'app_1', name: 'stripe_secret_key' }
const keyringOf = (...keys: readonly MasterKey[]): Pick<Keyring, 'current' | 'find'> => ({
  current: () => keys[0] ?? makeMasterKey(randomBytes),
  find: (id) => keys.find((key) => key.id === id) ?? null,
})
const sealerOf = (...keys: readonly MasterKey[]) =>
  createSealer({ keyring: keyringOf(...keys), random: randomBytes })

describe('an envelope', () => {
  const key = makeMasterKey(randomBytes)
  const sealer = sealerOf(key)

  test('opens to what was sealed, whatever the text', () => {
    for (const text of ['', 'sk_test_1234', 'é 漢 😀', 'x'.repeat(10_000)]) {
      expect(sealer.open(sealer.seal(text, place), place)).toBe(text)
    }
  })

  test('names its key, hides its text, and is different each time', () => {
    const [first, second] = [sealer.seal('sk_test_1234', place), sealer.seal('sk_test_1234', place)]
    expect(sealedWith(first)).toBe(key.id)
    expect(first).not.toBe(second)
    expect(Buffer.from(first.split('.')[3] ?? '', 'base64url').toString()).not.toContain('sk_test')
  })

  test('opens in its own place only', () => {
    const envelope = sealer.seal('secret', place)
    for (const other of [
      { ...place, appId: 'app_2' },
      { ...place, name: 'watch_signing_key' },
      { appId: 'app_1\nstripe', name: '_secret_key' },
    ]) {
      expect(() => sealer.open(envelope, other)).toThrow(/was changed or moved/)
    }
  })

  test('is refused when a single character of it was changed', () => {
    const envelope = sealer.seal('secret', place)
    const start = envelope.indexOf('.', 4) + 1
    for (let index = start; index < envelope.length - 1; index += 1) {
      const other = envelope[index] === 'A' ? 'B' : 'A'
      if (envelope[index] === '.') continue
      const changed = envelope.slice(0, index) + other + envelope.slice(index + 1)
      expect(() => sealer.open(changed, place), `at ${index}`).toThrow(/cannot be used/)
    }
    expect(() => sealer.open('sk_test_plain', place)).toThrow(/not one of our envelopes/)
  })

  test('opens with an older key while that is at hand, and says which key it lacks', () => {
    const newer = makeMasterKey(randomBytes)
    const envelope = sealer.seal('secret', place)
    expect(sealerOf(newer, key).open(envelope, place)).toBe('secret')
    expect(() => sealerOf(newer).open(envelope, place)).toThrow(
      new RegExp(`master key ${key.id}, which neither TOLLBRIDGE_KEY nor the key file holds`),
    )
  })
})
