/** What stops the server from starting is said in one sentence that names the setting, without a stack. */
import { execFile } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { startProduct, temporaryFolder } from '../../support/product-process.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const FREE = { PORT: '0', SANDBOX_PORT: '0' }

async function refusal(settings: Readonly<Record<string, string>>): Promise<string> {
  const product = startProduct({ ...FREE, ...settings })
  expect(await product.exited).toBe(1)
  expect(product.stderr().trim().split('\n')).toHaveLength(1)
  return product.stderr().trim()
}

test('a data folder that cannot be made', async () => {
  const file = join(folder.path, 'a-file')
  writeFileSync(file, '')
  for (const path of [file, join(file, 'below')]) {
    const sentence = await refusal({ TOLLBRIDGE_DATA_DIR: path })
    expect(sentence).toContain(`The data folder ${path} cannot be used`)
    expect(sentence).toContain('TOLLBRIDGE_DATA_DIR')
  }
})

test('a file in the place of the database that is none', async () => {
  const path = join(folder.path, 'no-database')
  mkdirSync(path)
  writeFileSync(join(path, 'tollbridge.db'), 'x'.repeat(8192))
  expect(await refusal({ TOLLBRIDGE_DATA_DIR: path })).toContain(
    `${join(path, 'tollbridge.db')} cannot be opened: the file is not a database`,
  )
})

test('the same in the place of that of the local Stripe', async () => {
  const path = join(folder.path, 'no-sandbox')
  mkdirSync(path)
  writeFileSync(join(path, 'sandbox.db'), 'x'.repeat(8192))
  expect(await refusal({ TOLLBRIDGE_DATA_DIR: path })).toContain(
    `${join(path, 'sandbox.db')}, cannot be opened: file is not a database`,
  )
})

test('a missing migration where none may be run, by its name', async () => {
  const path = join(folder.path, 'not-migrated')
  expect(await refusal({ TOLLBRIDGE_DATA_DIR: path, AUTO_MIGRATE: 'false' })).toMatch(
    /lacks migrations? 0001-\S+.* AUTO_MIGRATE=true/,
  )
})

test('an address that is not one of this machine', async () => {
  const path = join(folder.path, 'elsewhere')
  const sentence = await refusal({ TOLLBRIDGE_DATA_DIR: path, HOST: 'nowhere.invalid' })
  expect(sentence).toContain('The address nowhere.invalid is not one of this machine. Set HOST')
})

test('the database is for its owner alone, in a folder that others may enter as well', async () => {
  const path = join(folder.path, 'shared')
  mkdirSync(path, { mode: 0o755 })
  const product = startProduct({ ...FREE, TOLLBRIDGE_DATA_DIR: path })
  await product.printed('the next start keeps the data')
  for (const name of ['tollbridge.db', 'tollbridge.db-wal'])
    expect(statSync(join(path, name)).mode & 0o777).toBe(0o600)
  product.child.kill('SIGTERM')
  expect(await product.exited).toBe(0)
})

test('an older Node, in one sentence', async () => {
  const main = fileURLToPath(new URL('../../../packages/server/src/main.ts', import.meta.url))
  const older =
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.11.0" } })'
  const run = promisify(execFile)(process.execPath, [
    '--conditions=source',
    `--import=data:text/javascript,${encodeURIComponent(older)}`,
    main,
    'doctor',
  ])
  await expect(run).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      'Tollbridge needs Node 24 or later, and this is 22.11.0. In a clone of it, npm start brings that by itself.\n',
  })
})
