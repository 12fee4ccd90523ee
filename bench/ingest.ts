/** Webhook ingest: Tollbridge against a route that only reads the body, and against the receiver of the textbooks. */
import { type ChildServer, startChildServer } from './child-server.ts'
import { count, inTurn, median, printTable, ratio, times } from './measure.ts'
import { deliver } from './webhook-load.ts'

const servers = {
  tollbridge: 'tollbridge.ts',
  'without store': 'tollbridge-without-store.ts',
  'bare route': 'bare-fastify.ts',
  textbook: 'textbook-express.ts',
} as const
type Name = keyof typeof servers
const names = Object.keys(servers) as Name[]

const ROUNDS = 5
const LEVELS: readonly (readonly [connections: number, events: number])[] = [
  [1, 1_500],
  [16, 6_000],
  [64, 8_000],
]

interface Measured {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuMicroseconds: number
}

export async function benchIngest(): Promise<void> {
  for (const [connections, events] of LEVELS) {
    const running = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await startChildServer(servers[name])] as const)),
    ) as Record<Name, ChildServer>
    const measure = (name: Name) => async (): Promise<Measured> => {
      const server = running[name]
      const before = await server.cpuSeconds()
      const { perSecond, p50Ms, p99Ms } = await deliver(server.url, connections, events)
      const cpuMicroseconds = (((await server.cpuSeconds()) - before) / events) * 1e6
      return { perSecond, p50Ms, p99Ms, cpuMicroseconds }
    }
    const results = await inTurn<Name, Measured>(
      {
        tollbridge: measure('tollbridge'),
        'without store': measure('without store'),
        'bare route': measure('bare route'),
        textbook: measure('textbook'),
      },
      ROUNDS,
    )
    await Promise.all(names.map((name) => running[name].stop()))
    report(connections, results)
  }
}

function report(connections: number, results: Record<Name, Measured[]>): void {
  const rate = (name: Name) => results[name].map(({ perSecond }) => perSecond)
  const cpu = (name: Name) => results[name].map(({ cpuMicroseconds }) => cpuMicroseconds)
  printTable(
    `Webhook ingest at concurrency ${connections} (medians of ${ROUNDS} rounds in turn; every event distinct and signed)`,
    ['server', 'events/s', 'p50 ms', 'p99 ms', 'CPU µs/event', 'Tollbridge is, in events/s', 'in CPU'],
    names.map((name) => [
      name,
      count(median(rate(name))),
      median(results[name].map(({ p50Ms }) => p50Ms)).toFixed(2),
      median(results[name].map(({ p99Ms }) => p99Ms)).toFixed(1),
      count(median(cpu(name))),
      name === 'tollbridge' ? '' : times(ratio(rate('tollbridge'), rate(name))),
      name === 'tollbridge' ? '' : times(ratio(cpu('tollbridge'), cpu(name))),
    ]),
  )
}
