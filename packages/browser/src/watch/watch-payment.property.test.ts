/** Watching a payment through any outage: the page sees the last state, no state twice in a row, and never goes back. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMemory } from '../payments/memory.ts'
import type { Payment } from '../payments/payment.ts'
import { manualWorld } from '../sse/manual-world.conformance.ts'
import { TollbridgeError } from '../tollbridge-error.ts'
import { aPayment, stored } from './a-payment.conformance.ts'
import { isNewer } from './newer-payment.ts'
import { createWatch, type PaymentNews, type WatchDeps, type WatchOptions } from './watch-payment.ts'

const NO_STORAGE = () => {
  throw new Error('blocked')
}

/** A server whose payment, line and answers the test moves. */
function standIn() {
  const world = manualWorld()
  let now = aPayment()
  let isDown = false
  let withoutStripe: Payment | null = null
  let position = 0
  const log: { position: number; type: string }[] = []
  const streams = new Set<{ send(text: string): void; cut(): void }>()
  const seenTokens: (string | undefined)[] = []
  const lastIds: (string | undefined)[] = []
  const readings: (() => void)[] = []
  let holdReadings = false
  let refusal: ((token: string | undefined) => TollbridgeError | null) | null = null
  let tokens = 0

  const unreachable = () =>
    new TollbridgeError({ type: 'api_connection_error', code: 'server_unreachable', message: '' })
  const frame = (it: { position: number; type: string }) =>
    `id: ${it.position}\ndata: ${JSON.stringify({ message: { id: `evt_${it.position}`, type: it.type } })}\n\n`
  const check = (token: string | undefined) => {
    seenTokens.push(token)
    const refused = refusal?.(token)
    if (refused) throw refused
    if (isDown) throw unreachable()
  }

  const api = {
    async request(
      _method: string,
      _path: string,
      { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
    ) {
      check(headers['Tollbridge-Watch-Token'])
      // The answer is of the moment at which the server looked, however late it arrives.
      const answer = withoutStripe ?? { ...now, watch_token: `token-${++tokens}` }
      if (holdReadings) {
        await new Promise<void>((resolve, reject) => {
          readings.push(resolve)
          signal?.addEventListener('abort', () => reject(signal.reason))
        })
      }
      if (isDown) throw unreachable()
      return answer
    },
    async open(
      _method: string,
      _path: string,
      { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
    ) {
      check(headers['Tollbridge-Watch-Token'])
      const lastId = headers['Last-Event-ID']
      lastIds.push(lastId)
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          const stream = {
            send: (text: string) => controller.enqueue(new TextEncoder().encode(text)),
            cut() {
              streams.delete(stream)
              controller.error(new TypeError('network error'))
            },
          }
          streams.add(stream)
          signal?.addEventListener('abort', () => {
            if (streams.has(stream)) stream.cut()
          })
          stream.send('retry: 1000\n\n')
          for (const it of log)
            if (lastId !== undefined && it.position > Number(lastId)) stream.send(frame(it))
          stream.send(`id: ${position}\n\n`)
        },
      })
      return new Response(body)
    },
  } as unknown as WatchDeps['api']

  return {
    world,
    api,
    seenTokens,
    lastIds,
    streams,
    payment: () => now,
    change(facts: Partial<Payment>, { event = true } = {}) {
      now = { ...now, ...facts }
      if (!event) return
      const entry = { position: ++position, type: `payment_intent.${now.status}` }
      log.push(entry)
      for (const stream of streams) stream.send(frame(entry))
    },
    cut() {
      for (const stream of [...streams]) stream.cut()
    },
    down(is: boolean) {
      isDown = is
      if (is) for (const stream of [...streams]) stream.cut()
    },
    stripeAway(is: boolean) {
      withoutStripe = is ? stored(now) : null
    },
    hold(is: boolean) {
      holdReadings = is
      if (!is) for (const release of readings.splice(0)) release()
    },
    refuse(by: (token: string | undefined) => TollbridgeError | null) {
      refusal = by
    },
  }
}

function watching(
  server: ReturnType<typeof standIn>,
  options: WatchOptions = {},
  memory = createMemory(NO_STORAGE),
) {
  const seen: Payment[] = []
  const news: PaymentNews[] = []
  const errors: TollbridgeError[] = []
  const watch = createWatch({ api: server.api, memory, world: server.world })
  const it = watch(
    'pi_1',
    (payment, its) => {
      seen.push(payment)
      news.push(its)
    },
    {
      onError: (error) => errors.push(error),
      ...options,
    },
  )
  return { ...it, seen, news, errors, memory, statuses: () => seen.map(({ status }) => status) }
}

const refused = (status: number, code: string) =>
  new TollbridgeError({ type: 'x', code, message: code, status })

describe('a watched payment', () => {
  test('is told at once as it is, and again after each change with the event that led to it', async () => {
    const server = standIn()
    const { statuses, news } = watching(server)
    await server.world.advance(100)
    server.change({ status: 'processing' })
    await server.world.advance(100)
    server.change({ status: 'succeeded' })
    await server.world.advance(100)
    expect(statuses()).toEqual(['requires_payment_method', 'processing', 'succeeded'])
    expect(news.map(({ event }) => event?.id)).toEqual([undefined, 'evt_1', 'evt_2'])
  })

  test('events that come together are one reading, and one that changes nothing is not told', async () => {
    const server = standIn()
    const { seen } = watching(server)
    await server.world.advance(100)
    const before = server.seenTokens.length
    for (let i = 0; i < 5; i++) server.change({ updated: i })
    await server.world.advance(1_000)
    expect(server.seenTokens.length).toBe(before + 1)
    expect(seen).toHaveLength(1)
  })

  test('a change without an event is seen when the connection comes back, continued behind the last id', async () => {
    const server = standIn()
    const { statuses } = watching(server)
    await server.world.advance(100)
    server.change({ status: 'processing' })
    await server.world.advance(100)
    server.down(true)
    server.change({ status: 'succeeded' }, { event: false })
    await server.world.advance(60_000)
    expect(statuses()).toEqual(['requires_payment_method', 'processing'])
    server.down(false)
    await server.world.returned('online')
    await server.world.advance(100)
    expect(statuses()).toEqual(['requires_payment_method', 'processing', 'succeeded'])
    expect(server.lastIds).toEqual([undefined, '1'])
  })

  test('is read again when the page is looked at again, since no event tells of a new price', async () => {
    const server = standIn()
    const { seen } = watching(server)
    await server.world.advance(100)
    server.change({ amount: 2500 }, { event: false })
    await server.world.returned('visible')
    await server.world.advance(100)
    expect(seen.map(({ amount }) => amount)).toEqual([1999, 2500])
  })

  test('is read even if the stream never opens', async () => {
    const server = standIn()
    const api = { ...server.api, open: () => new Promise<never>(() => undefined) }
    const { seen } = watching({ ...server, api })
    await server.world.advance(2_999)
    expect(seen).toEqual([])
    await server.world.advance(1)
    expect(seen).toHaveLength(1)
  })

  test('an answer that never comes is asked for again', async () => {
    const server = standIn()
    server.hold(true)
    const { statuses } = watching(server)
    await server.world.advance(25_000)
    server.change({ status: 'succeeded' }, { event: false })
    await server.world.advance(4_000)
    expect(statuses()).toEqual([])
    server.cut()
    await server.world.advance(2_000)
    server.hold(false)
    await server.world.advance(40_000)
    expect(statuses()).toEqual(['succeeded'])
  })

  test.each([
    [401, 'api_key_invalid'],
    [403, 'watch_token_required'],
    [404, 'resource_missing'],
  ])('%d %s is told once, and ends it', async (status, code) => {
    const server = standIn()
    server.refuse(() => refused(status, code))
    const { errors, seen } = watching(server)
    await server.world.advance(100_000)
    expect(errors.map((error) => error.code)).toEqual([code])
    expect(seen).toEqual([])
    expect(server.world.timers()).toBe(0)
    expect(server.world.listeners()).toBe(0)
  })

  test('shows the newest watch token, and keeps it for the next page', async () => {
    const server = standIn()
    const memory = createMemory(NO_STORAGE)
    const watch = createWatch({ api: server.api, memory, world: server.world })
    const first = watch({ paymentId: 'pi_1', watchToken: 'given' }, () => undefined)
    await server.world.advance(100)
    first.close()
    watching(server, {}, memory)
    await server.world.advance(100)
    expect(server.seenTokens).toEqual(['given', 'given', 'token-1', 'token-1'])
    expect(memory.get('pi_1')).toBe('token-2')
  })

  test('an expired token is forgotten, and the key tried alone', async () => {
    const server = standIn()
    server.refuse((token) => (token === 'old' ? refused(401, 'watch_token_invalid') : null))
    const memory = createMemory(NO_STORAGE)
    memory.set('pi_1', 'old')
    const { seen, errors } = watching(server, {}, memory)
    await server.world.advance(100)
    expect(seen).toHaveLength(1)
    expect(errors).toEqual([])
    expect(memory.get('pi_1')).toBe('token-1')
  })

  test('a fault of the page is its own: the watch goes on', async () => {
    const server = standIn()
    const faults: unknown[] = []
    Object.assign(globalThis, { reportError: (error: unknown) => faults.push(error) })
    const seen: string[] = []
    createWatch({ api: server.api, memory: createMemory(NO_STORAGE), world: server.world })(
      'pi_1',
      ({ status }) => {
        seen.push(status)
        throw new Error('of the page')
      },
    )
    await server.world.advance(100)
    server.change({ status: 'succeeded' })
    await server.world.advance(100)
    expect(seen).toEqual(['requires_payment_method', 'succeeded'])
    expect(faults).toHaveLength(2)
  })

  test('closed in the middle of a reading, it tells nothing more', async () => {
    const server = standIn()
    server.hold(true)
    const { seen, close } = watching(server)
    await server.world.advance(100)
    close()
    server.hold(false)
    server.change({ status: 'succeeded' })
    await server.world.advance(100_000)
    expect(seen).toEqual([])
    expect(server.streams.size).toBe(0)
    expect(server.world.timers()).toBe(0)
  })

  test('whatever happens on the way, the end is seen and nothing goes back', async () => {
    const status = fc.constantFrom(
      'requires_action',
      'processing',
      'requires_payment_method',
      'requires_capture',
    )
    const step = fc.oneof(
      fc.record({ kind: fc.constant('change' as const), status, event: fc.boolean() }),
      fc.record({ kind: fc.constantFrom('cut', 'online', 'visible' as const) }),
      fc.record({ kind: fc.constantFrom('down', 'hold', 'stripeAway' as const), is: fc.boolean() }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(5, 30, 900, 5_000, 45_000) }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.constantFrom('succeeded' as const, 'canceled' as const),
        fc.boolean(),
        async (steps, end, withEvent) => {
          const server = standIn()
          const { seen, errors } = watching(server)
          for (const it of steps) {
            if (it.kind === 'change') {
              const held = server.payment().status === 'requires_capture'
              if (!held) server.change({ status: it.status }, { event: it.event })
            } else if (it.kind === 'cut') server.cut()
            else if (it.kind === 'wait') await server.world.advance(it.ms)
            else if (it.kind === 'online' || it.kind === 'visible') await server.world.returned(it.kind)
            else if ('is' in it) server[it.kind](it.is)
          }
          server.change({ status: end }, { event: withEvent })
          // The world heals; a lost change without an event is found by the next connection at the latest.
          server.down(false)
          server.hold(false)
          server.stripeAway(false)
          if (!withEvent) server.cut()
          await server.world.advance(120_000)
          expect(seen.at(-1)?.status).toBe(end)
          expect(errors).toEqual([])
          seen.forEach((payment, index) => {
            const before = seen[index - 1] ?? null
            expect(isNewer(payment, before)).toBe(true)
            const { watch_token: _, updated: __, ...facts } = payment
            if (before !== null)
              expect(before).not.toMatchObject({
                ...facts,
                ...(payment.capture_method ? {} : { capture_method: 'automatic' }),
              })
          })
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('the order of answers', () => {
  const anyPayment = fc
    .record({
      status: fc.constantFrom<Payment['status'][]>(
        'requires_payment_method',
        'requires_action',
        'processing',
        'requires_capture',
        'succeeded',
        'canceled',
      ),
      fresh: fc.boolean(),
    })
    .map(({ status, fresh }) => (fresh ? aPayment({ status }) : stored(aPayment({ status }))))

  test('money that was taken, held or let go is never untold, and what was stored never hides what Stripe said', () => {
    const rank = { succeeded: 2, canceled: 2, requires_capture: 1 } as Readonly<
      Record<string, number | undefined>
    >
    fc.assert(
      fc.property(fc.array(anyPayment, { minLength: 1 }), (answers) => {
        let shown: Payment | null = null
        for (const answer of answers) {
          if (!isNewer(answer, shown)) {
            const isBehind = (rank[answer.status] ?? 0) < (rank[shown?.status ?? ''] ?? 0)
            expect(
              isBehind || (answer.capture_method === undefined && shown?.capture_method !== undefined),
            ).toBe(true)
            continue
          }
          expect(rank[answer.status] ?? 0).toBeGreaterThanOrEqual(rank[shown?.status ?? ''] ?? 0)
          shown = answer
        }
        expect(shown).not.toBe(null)
      }),
    )
  })
})
