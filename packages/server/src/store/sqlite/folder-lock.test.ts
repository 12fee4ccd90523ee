import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { takeFolderLock } from './folder-lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('one holds it at a time, in this process as well', () => {
  const file = join(folder, 'one.lock')
  const first = takeFolderLock(file)
  expect(takeFolderLock(file)).toBeNull()
  first?.release()
  const second = takeFolderLock(file)
  expect(second).not.toBeNull()
  second?.release()
})

test('a holder that is killed leaves it free', async () => {
  const file = join(folder, 'killed.lock')
  const holder = spawn(process.execPath, [
    '--conditions=source',
    '-e',
    `import(${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)}).then(({ takeFolderLock }) => {
       globalThis.lock = takeFolderLock(${JSON.stringify(file)})
       console.log('held')
       setInterval(() => {}, 1000)
     })`,
  ])
  await once(holder.stdout, 'data')
  expect(takeFolderLock(file)).toBeNull()
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const lock = takeFolderLock(file)
  expect(lock).not.toBeNull()
  lock?.release()
})

test('a holder whose file was deleted takes it again, unless another was faster', () => {
  const file = join(folder, 'deleted.lock')
  const first = takeFolderLock(file)
  rmSync(file)
  expect(first?.look()).toBe('held')
  expect(existsSync(file)).toBe(true)
  expect(takeFolderLock(file)).toBeNull()
  rmSync(file)
  const second = takeFolderLock(file)
  expect(second).not.toBeNull()
  expect(first?.look()).toBe('lost')
  second?.release()
  expect(first?.look()).toBe('held')
  first?.release()
})
