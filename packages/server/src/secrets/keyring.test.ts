import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { isReadableByOthers } from './key-file.ts'
import { openKeyring } from './keyring.ts'
import { formatMasterKey, makeMasterKey, parseMasterKey } from './master-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))
let made = 0
const freshFile = () => join(folder, `nested-${made++}`, 'key')
const open = (file: string, ...fromEnvironment: ReturnType<typeof makeMasterKey>[]) =>
  openKeyring({ fromEnvironment, file, random: randomBytes })

describe('a master key', () => {
  test('is 32 bytes in base64 or base64url, and nothing else', () => {
    const key = makeMasterKey(randomBytes)
    expect(parseMasterKey(formatMasterKey(key))).toEqual({ id: key.id, bytes: Buffer.from(key.bytes) })
    expect(parseMasterKey(Buffer.from(key.bytes).toString('base64url'))?.id).toBe(key.id)
    for (const text of ['', 'short', `${formatMasterKey(key)}x`, randomBytes(31).toString('base64')]) {
      expect(parseMasterKey(text), text).toBeNull()
    }
  })
})

describe('the keyring', () => {
  test('makes a key file for its owner alone when there is no key, and finds it again', () => {
    const file = freshFile()
    const first = open(file)
    expect(first.source).toBe('file')
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(isReadableByOthers(file)).toBe(false)
    expect(open(file).current().id).toBe(first.current().id)
  })

  test('with keys from the environment the first seals, and no file is made', () => {
    const file = freshFile()
    const [newer, older] = [makeMasterKey(randomBytes), makeMasterKey(randomBytes)]
    const keyring = open(file, newer, older)
    expect(keyring.source).toBe('environment')
    expect(keyring.current().id).toBe(newer.id)
    expect(keyring.find(older.id)?.id).toBe(older.id)
    expect(() => statSync(file)).toThrow()
  })

  test('a key file goes on opening what it has sealed after the environment takes over', () => {
    const file = freshFile()
    const { id } = open(file).current()
    const moved = open(file, makeMasterKey(randomBytes))
    expect(moved.current().id).not.toBe(id)
    expect(moved.find(id)?.id).toBe(id)
  })

  test('a rotation puts a fresh key first and keeps the one before; another process finds it without a restart', () => {
    const file = freshFile()
    const [ours, theirs] = [open(file), open(file)]
    const old = ours.current().id
    ours.rotate(new Set())
    const fresh = ours.current().id
    expect(fresh).not.toBe(old)
    expect(theirs.find(fresh)?.id).toBe(fresh)
    expect(theirs.current().id).toBe(fresh)
    expect(theirs.find(old)?.id).toBe(old)
    ours.rotate(new Set())
    expect(open(file).find(old)).toBeNull()
    expect(open(file).find(fresh)?.id).toBe(fresh)
  })

  test('a rotation keeps every key that something is still sealed with', () => {
    const keyring = open(freshFile())
    const first = keyring.current().id
    for (let time = 0; time < 3; time += 1) keyring.rotate(new Set([first]))
    expect(keyring.find(first)?.id).toBe(first)
  })

  test('a file that holds no key is named, with the line, and is not overwritten', () => {
    const file = freshFile()
    open(file)
    writeFileSync(file, '# a comment\nnot a key\n')
    expect(() => open(file)).toThrow(/Line 2 of the key file .* is not 32 bytes in base64/)
    writeFileSync(file, '\n')
    expect(() => open(file)).toThrow(/holds no key: restore it/)
    expect(readFileSync(file, 'utf8')).toBe('\n')
  })
})
