import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Actor } from './actor.ts'
import { serverKeyId } from './api-keys.ts'
import { madeBySelfOrChild, standingKeys } from './key-descent.ts'
import { SCOPES, type Scope } from './scopes.ts'

const OPERATOR: Actor = { kind: 'operator', id: 'opk_1' }
const by = (hash: string): Actor => ({ kind: 'server_key', id: serverKeyId(hash) })
const key = (hash: string, madeBy: Actor | null, scopes: readonly Scope[] = SCOPES) => ({
  hash,
  madeBy,
  scopes,
})
const hashes = (keys: readonly { readonly hash: string }[]) => keys.map(({ hash }) => hash)

test('a key is followed to those that it made, and to theirs', () => {
  const first = key('first', OPERATOR)
  const keys = [key('grandchild', by('child')), key('other', null), first, key('child', by('first'))]
  expect(hashes(madeBySelfOrChild(keys, first)).sort()).toEqual(['child', 'first', 'grandchild'])
})

test('a key whose maker is gone does not stand, nor does what it made', () => {
  const keys = [key('a', OPERATOR), key('b', by('gone')), key('c', by('b')), key('d', null)]
  expect(hashes(standingKeys(keys))).toEqual(['a', 'd'])
})

test('a key is good for no more than its maker, whatever its row says', () => {
  const keys = [key('c', by('b')), key('a', OPERATOR, ['read', 'admin']), key('b', by('a'), ['read', 'ui'])]
  expect(standingKeys(keys).map(({ scopes }) => scopes)).toEqual([['read'], ['read', 'admin'], ['read']])
})

test('keys that made each other do not stand', () => {
  expect(standingKeys([key('a', by('b')), key('b', by('a'))])).toEqual([])
})

test('revoking a key leaves none that stands on it', () => {
  const shape = fc.array(fc.option(fc.nat({ max: 20 }), { nil: null }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(shape, fc.nat({ max: 19 }), (makers, pick) => {
      // Each was made by an earlier one, or by an operator.
      const keys = makers.map((maker, index) =>
        key(`key-${index}`, maker === null || maker >= index ? OPERATOR : by(`key-${maker}`)),
      )
      const revoked = keys[pick % keys.length]
      if (revoked === undefined) return
      const ended = new Set(madeBySelfOrChild(keys, revoked))
      const left = keys.filter((it) => !ended.has(it))
      expect(standingKeys(left)).toEqual(left)
      expect(standingKeys(keys.filter((it) => it !== revoked))).toEqual(left)
    }),
  )
})
