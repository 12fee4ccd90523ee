/** The product, killed at random moments under load: no event answered 200 is lost, and each is handled once. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { freePort, startProduct, temporaryFolder } from '../../support/product-process.ts'
import { rounds } from '../../support/rounds.ts'
import { seededRandom } from '../../support/seeded-random.ts'

const ROUNDS = rounds(7)
const SENDERS = 24
const STARTED = Math.floor(Date.now() / 1000)
const SECRET = 'whsec_ofTheKillTest'
const TIME_LIMIT_MS = 120_000

const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 2 ** 32)
/** Apart from the senders' choices, whose order is that of the answers: so the moments are the same again. */
const moments = seededRandom(seed)
const choices = seededRandom(seed + 1)
const stripe = new Stripe('sk_test_unused', { telemetry: false })

/** Every event ever sent, and whether Stripe would believe that we have it. */
const sent = new Map<string, 'answered' | 'unanswered'>()

/** The same bytes at each sending, as Stripe has it: other content under a known id is refused. */
function payloadOf(id: string): string {
  const charge = { id: `ch_${id}`, object: 'charge', amount: 1000, currency: 'usd', status: 'succeeded' }
  const created = STARTED
  return JSON.stringify({ id, object: 'event', type: 'charge.succeeded', created, data: { object: charge } })
}

/** As Stripe does: signed anew each time; anything but a 200 means that the event is to be sent again. */
async function deliver(url: string, id: string): Promise<void> {
  if (!sent.has(id)) sent.set(id, 'unanswered')
  const payload = payloadOf(id)
  const signature = stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET })
  const status = await fetch(`${url}/webhooks/stripe`, {
    method: 'POST',
    body: payload,
    headers: { 'content-type': 'application/json', 'stripe-signature': signature },
  }).then(
    (response) => response.status,
    () => 'lost' as const,
  )
  if (status === 200) sent.set(id, 'answered')
  else expect(status, 'an answer is 200, or does not come at all').toBe('lost')
}

const unanswered = () => [...sent].filter(([, state]) => state === 'unanswered').map(([id]) => id)

/** Sends without pause, from many senders at once: what has no answer yet, new events, and some a second time. */
async function load(url: string, isOver: () => boolean): Promise<void> {
  const again = unanswered()
  const next = () => {
    const waiting = again.pop()
    if (waiting !== undefined) return waiting
    return sent.size > 0 && choices.chance(0.2) ? choices.pick([...sent.keys()]) : `evt_${sent.size}`
  }
  const sender = async () => {
    while (!isOver()) await deliver(url, next())
  }
  await Promise.all(Array.from({ length: SENDERS }, sender))
}

// Never a second try: an event that is lost once in many runs is what this looks for.
test(`killed ${ROUNDS} times under load (KILL_SEED=${seed} repeats it)`, {
  timeout: TIME_LIMIT_MS,
  retry: 0,
}, async () => {
  const folder = temporaryFolder()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = {
    PORT: String(port),
    TOLLBRIDGE_DATA_DIR: folder.path,
    STRIPE_SECRET_KEY: 'sk_test_fromTheTests1234',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_fromTheTests1234',
    STRIPE_WEBHOOK_SECRET: SECRET,
    // Nothing answers there: this test needs no Stripe, and must not reach the real one.
    STRIPE_API_BASE: 'http://127.0.0.1:9',
    CURRENCY: 'usd',
  }
  const start = async () => {
    const product = startProduct(settings)
    const isUp = () =>
      fetch(`${url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      )
    await Promise.race([
      eventually(isUp, { timeoutMs: 30_000, what: 'the product to answer' }),
      product.exited.then(() => Promise.reject(new Error(`The product ended:\n${product.stderr()}`))),
    ])
    return product
  }

  let cutOff = 0
  for (let round = 0; round < ROUNDS; round++) {
    const product = await start()
    let isOver = false
    const loading = load(url, () => isOver)
    await delay(moments.whole(10, 250))
    isOver = true
    product.child.kill('SIGKILL')
    await product.exited
    await loading
    cutOff += unanswered().length
  }
  expect(cutOff, 'the kills hit requests under way').toBeGreaterThan(0)

  const product = await start()
  for (const id of unanswered()) await deliver(url, id)
  expect(unanswered()).toEqual([])
  const database = new DatabaseSync(join(folder.path, 'tollbridge.db'), { readOnly: true })
  const numberOf = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0])
  await eventually(() => numberOf("SELECT count(*) FROM event_handling WHERE state <> 'handled'") === 0)

  const stored = database.prepare('SELECT event_id FROM events ORDER BY position').all()
  expect(stored.map(({ event_id }) => String(event_id)).toSorted()).toEqual([...sent.keys()].toSorted())
  expect(numberOf('SELECT sum(count) FROM event_tallies')).toBe(sent.size)
  expect(numberOf("SELECT count(*) FROM event_handling WHERE state = 'handled'")).toBe(sent.size)
  expect(numberOf('SELECT count(*) FROM event_failures')).toBe(0)
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  database.close()

  product.child.kill('SIGTERM')
  expect(await product.exited).toBe(0)
  folder.remove()
})
