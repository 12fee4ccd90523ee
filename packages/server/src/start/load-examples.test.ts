import { expect, test } from 'vitest'
import { loadExamples } from './load-examples.ts'

const connection = {
  url: 'http://localhost:4242',
  appId: 'app_1',
  clientKey: 'tbc_1',
  serverKey: 'tbk_1',
  sandboxUrl: 'http://localhost:4243',
}

test('a server that was installed without the shops starts without them', async () => {
  const said: unknown[] = []
  const log = { info: (...what: unknown[]) => void said.push(what) }
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
  expect(await loadExamples(connection, log, () => Promise.reject(missing))).toBeNull()
  expect(said).toHaveLength(1)
})

test('a shop that cannot be opened keeps no server from starting', async () => {
  const module = {
    createExamples() {
      throw new Error('a bug in a shop')
    },
  }
  expect(await loadExamples(connection, { info: () => undefined }, async () => module)).toBeNull()
})
