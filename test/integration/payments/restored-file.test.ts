/** The database file of before a payment, put back by hand: its order is not charged again. */
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { temporaryFolder } from '../../support/product-process.ts'
import { type PaymentsUnderTest, startPayments } from './start-payments.ts'

const folder = temporaryFolder()
let it: PaymentsUnderTest
afterEach(() => it.server.stop())
afterAll(() => folder.remove())

const start = async () => {
  it = await startPayments({ dataDir: folder.path, env: { GUARD: 'off' } })
}
const file = join(folder.path, 'tollbridge.db')

function putBack(): void {
  for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true })
  copyFileSync(`${file}.before`, file)
}

test.each([
  ['tok_visa', 1000],
  ['tok_mastercard', 1000],
  ['tok_visa', 2000],
])('not with %s over %d', async (token, amount) => {
  await start()
  await it.server.stop()
  copyFileSync(file, `${file}.before`)
  await start()
  const order = { order_id: `order-${token}-${amount}`, amount: 1000, currency: 'usd', token: 'tok_visa' }
  const paid = await it.post('/v1/payments', order)
  expect(paid.body.status).toBe('succeeded')
  const charged = await it.succeeded()
  await it.server.stop()
  putBack()
  await start()
  const again = await it.post('/v1/payments', { ...order, token, amount })
  expect(await it.succeeded()).toBe(charged)
  if (amount === 1000) expect(again.body.id).toBe(paid.body.id)
  else expect(again.status).toBe(409)
})
