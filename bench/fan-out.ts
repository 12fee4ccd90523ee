/** One matching publication with many selectors subscribed: the hub against a loop over compiled matchers. */
import { randomUUID } from 'node:crypto'
import { compileMatcher, type Matcher, parseSelector } from '@tollbridge/protocol'
import { silentLog } from '../packages/server/src/log.ts'
import { createHub, type Hub } from '../packages/server/src/realtime/hub.ts'
import { readSelector } from '../packages/server/src/realtime/listen-request.ts'
import { createPublication, type Publication } from '../packages/server/src/realtime/publication.ts'
import { count, inTurn, median, printTable, times } from './measure.ts'

const APP = 'app_bench'
const ROUNDS = 7
const SIZES = [1_000, 10_000, 100_000] as const
type Size = (typeof SIZES)[number]

const chargeId = (n: number) => `ch_3Bench${n.toString(36).padStart(10, '0')}`

function publicationOf(n: number): Publication {
  return createPublication({
    position: n,
    appId: APP,
    objectId: randomUUID(),
    eventId: `evt_${n}`,
    type: 'charge.succeeded',
    id: chargeId(n),
    objectType: 'charge',
    chargeId: chargeId(n),
    paymentIntentId: `pi_${n}`,
    customerId: null,
    orderId: null,
    amount: 1999,
    currency: 'usd',
    status: 'succeeded',
    livemode: false,
    apiVersion: '2026-10-28.endive',
    account: null,
    context: null,
    stripeCreated: 1795000000,
    created: 1795000000000,
    updated: null,
    ownerId: null,
    source: 'webhook',
    flag: null,
    payload: JSON.stringify({ id: `evt_${n}`, data: { object: { id: chargeId(n) } } }),
  })
}

interface Case {
  readonly hub: Hub
  readonly matchers: readonly Matcher[]
  delivered: number
}

function subscribed(size: Size): Case {
  const matchers: Matcher[] = []
  const it: Case = { hub: createHub({ log: silentLog }), matchers, delivered: 0 }
  for (let n = 0; n < size; n++) {
    const selector = `id = '${chargeId(n)}'`
    it.hub.subscribe({ appId: APP, ...readSelector(selector, null), deliver: () => void it.delivered++ })
    const parsed = parseSelector(selector)
    if (parsed.ok) matchers.push(compileMatcher(parsed.expression))
  }
  return it
}

export async function benchFanOut(): Promise<void> {
  const cases = new Map(SIZES.map((size) => [size, subscribed(size)]))

  /** Microseconds for one publication; each looks for another subscriber, as charges do. */
  const timeHub = (size: Size) => async (): Promise<number> => {
    const { hub } = required(cases, size)
    const publications = spread(size, 20_000)
    const startedAt = performance.now()
    for (const publication of publications) await hub.publish(publication)
    return ((performance.now() - startedAt) * 1000) / publications.length
  }
  const timeLoop = (size: Size) => async (): Promise<number> => {
    const { matchers } = required(cases, size)
    const publications = spread(size, Math.max(20, 2_000_000 / size))
    let found = 0
    const startedAt = performance.now()
    for (const { headers } of publications) for (const matches of matchers) if (matches(headers)) found++
    const microseconds = ((performance.now() - startedAt) * 1000) / publications.length
    if (found !== publications.length) throw new Error('The loop missed a match')
    return microseconds
  }

  const results = await inTurn<`${'hub' | 'loop'} ${Size}`, number>(
    {
      'hub 1000': timeHub(1_000),
      'hub 10000': timeHub(10_000),
      'hub 100000': timeHub(100_000),
      'loop 1000': timeLoop(1_000),
      'loop 10000': timeLoop(10_000),
      'loop 100000': timeLoop(100_000),
    },
    ROUNDS,
  )
  const expected = (ROUNDS + 1) * 20_000
  for (const [size, { delivered }] of cases) {
    if (delivered !== expected)
      throw new Error(`With ${size} selectors ${delivered} of ${expected} were delivered`)
  }
  const base = median(results['hub 1000'])
  printTable(
    `One matching publication, N selectors subscribed (medians of ${ROUNDS} rounds in turn)`,
    ['selectors', 'hub µs', 'plain loop µs', 'loop / hub', 'hub, against 1,000'],
    SIZES.map((size) => {
      const hub = median(results[`hub ${size}`])
      const loop = median(results[`loop ${size}`])
      return [count(size), hub.toFixed(2), loop.toFixed(1), times(loop / hub), times(hub / base)]
    }),
  )
}

/** Publications for ids spread evenly over the subscribers, made before the clock runs. */
function spread(size: Size, howMany: number): Publication[] {
  return Array.from({ length: howMany }, (_, i) => publicationOf((i * 7919) % size))
}

function required<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key)
  if (value === undefined) throw new Error(`Nothing under ${String(key)}`)
  return value
}
