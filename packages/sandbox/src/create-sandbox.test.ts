/** A sandbox as a whole: restarts, seeds, reset. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cardPayment, connect, START, startSandbox, stripeErrorOf } from '../test/support/start-sandbox.ts'
import { receiveWebhooks } from '../test/support/webhook-receiver.ts'
import { createManualClock, createSandbox } from './index.ts'

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'sandbox.sqlite')
}

describe('a restart on the same file', () => {
  it('keeps objects, events, keys, endpoints and what is still to deliver', async () => {
    const file = temporaryFile()
    const clock = createManualClock(START)
    const before = createSandbox({ file, clock, seed: 1 })
    const first = connect(before, (await before.listen({ port: 0 })).url)
    const receiver = await receiveWebhooks(before, ['payment_intent.succeeded'], clock.now)
    receiver.answer = () => 500
    const paid = await first.stripe.paymentIntents.create(cardPayment(), { idempotencyKey: 'order-1' })
    await before.idle()
    const account = await first.stripe.accounts.retrieveCurrent()
    await before.close()

    const { sandbox, stripe } = await startSandbox({ file, clock, seed: 1 })
    receiver.answer = () => 200
    const again = await stripe.paymentIntents.create(cardPayment(), { idempotencyKey: 'order-1' })
    expect(again.id).toBe(paid.id)
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect((await stripe.charges.retrieve(String(paid.latest_charge))).amount).toBe(1999)
    expect((await stripe.events.list()).data).toHaveLength(4)
    expect((await stripe.accounts.retrieveCurrent()).id).toBe(account.id)
    const endpoint = sandbox.ensureWebhookEndpoint({ url: receiver.url, enabledEvents: ['*'] })
    expect(endpoint).toEqual({ id: receiver.endpointId, secret: receiver.secret })
    await sandbox.advance(5 * 60_000)
    expect(receiver.types()).toEqual(['payment_intent.succeeded', 'payment_intent.succeeded'])
    const other = await stripe.paymentIntents.create(cardPayment())
    expect(other.id).not.toBe(paid.id)
  })

  it('keeps timers: a refund that was pending settles', async () => {
    const file = temporaryFile()
    const clock = createManualClock(START)
    const before = createSandbox({ file, clock })
    const first = connect(before, (await before.listen({ port: 0 })).url)
    const { id } = await first.stripe.paymentIntents.create(
      cardPayment({ payment_method: 'pm_card_pendingRefund' }),
    )
    const refund = await first.stripe.refunds.create({ payment_intent: id })
    await before.close()
    const { sandbox, stripe } = await startSandbox({ file, clock })
    await sandbox.advance(60_000)
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe('succeeded')
  })

  it.skipIf(process.platform === 'win32')('can be read by its owner alone', async () => {
    const file = temporaryFile()
    const { stripe } = await startSandbox({ file })
    await stripe.customers.create()
    const names = readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)))
    const modes = names.map((name) => (statSync(join(dirname(file), name)).mode & 0o777).toString(8))
    expect(names.length).toBeGreaterThan(1)
    expect(new Set(modes)).toEqual(new Set(['600']))
  })

  it('refuses a file of another format by name', async () => {
    const file = temporaryFile()
    const other = new DatabaseSync(file)
    other.exec('pragma user_version = 99')
    other.close()
    expect(() => createSandbox({ file })).toThrow(`${file} has format 99`)
  })
})

it('a seed makes the same ids and secrets, no seed others', async () => {
  const play = async (seed?: string): Promise<string[]> => {
    const sandbox = createSandbox({ clock: createManualClock(START), ...(seed !== undefined && { seed }) })
    const { stripe } = connect(sandbox, (await sandbox.listen({ port: 0 })).url)
    const endpoint = await stripe.webhookEndpoints.create({
      url: 'https://shop.example',
      enabled_events: ['*'],
    })
    const customer = await stripe.customers.create()
    await sandbox.close()
    return [String(endpoint.secret), customer.id]
  }
  expect(await play('a')).toEqual(await play('a'))
  expect(await play('a')).not.toEqual(await play('b'))
  expect(await play()).not.toEqual(await play())
})

it('reset forgets everything', async () => {
  const { sandbox, stripe } = await startSandbox()
  const { id } = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'one' })
  sandbox.reset()
  expect((await stripeErrorOf(stripe.customers.retrieve(id))).code).toBe('resource_missing')
  expect((await stripe.events.list()).data).toEqual([])
  const other = await stripe.customers.create({ name: 'Grace' }, { idempotencyKey: 'one' })
  expect(other.name).toBe('Grace')
})

it('a taken port is refused, and the sandbox can still be closed', async () => {
  const { url } = await startSandbox()
  const second = createSandbox()
  await expect(second.listen({ port: Number(new URL(url).port) })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
  await second.close()
})

it('logs a line per request and delivery, without keys or bodies', async () => {
  const lines: string[] = []
  const { stripe } = await startSandbox({ log: (line) => lines.push(line) })
  await stripe.tokens.create({
    card: { number: '4242424242424242', exp_month: '12', exp_year: '2030', cvc: '123' },
  })
  await expect.poll(() => lines.length).toBe(1)
  expect(lines[0]).toMatch(/^POST \/v1\/tokens 200 \d+ ms$/)
})
