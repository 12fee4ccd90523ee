/** How the server is: whether it can write, what waits, the clock, the disk. Looked at once for all who ask at a time. */
import type { Clock, SteadyClock } from '../clock.ts'
import type { StoreHealth, StoreSpace } from '../store/store-health.ts'

export interface Vitals {
  /** null: the store takes writes; else what is the matter, without a path or a name. */
  readonly storeTrouble: string | null
  readonly apps: ReadonlyMap<string, { readonly waiting: number; readonly dead: number }>
  /** Events that wait, of all apps. */
  readonly waiting: number
  readonly dead: number
  /** Milliseconds since the oldest event that waits was stored, a failed one that will be tried again among them. */
  readonly oldestWaitingMs: number
  /** Milliseconds for which an event has been due that nobody has taken up; 0: none is late. */
  readonly overdueMs: number
  readonly openAttempts: number
  /** How far the clock is ahead of Stripe's; null: nobody knows yet. */
  readonly skewMs: number | null
  /** null: the store lies on no disk, or nobody knows. */
  readonly space: StoreSpace | null
}

export interface VitalsDeps {
  readonly health: Pick<StoreHealth, 'trouble' | 'probeWrite' | 'backlog' | 'queues' | 'space'>
  appIds(): readonly string[]
  /** Of each Stripe that has answered. */
  skewsMs(): readonly number[]
  readonly clock: Clock
  readonly steady: SteadyClock
}

export interface VitalsReader {
  /** What was seen at most so many milliseconds ago. Never rejects. */
  look(options: { readonly atMostOldMs: number }): Promise<Vitals>
}

export function createVitals(deps: VitalsDeps): VitalsReader {
  let newest: { readonly at: number; readonly vitals: Promise<Vitals> } | null = null
  return {
    look({ atMostOldMs }) {
      const now = deps.steady.elapsed()
      if (newest === null || now - newest.at >= atMostOldMs) newest = { at: now, vitals: examine(deps) }
      return newest.vitals
    },
  }
}

async function examine({ health, appIds, skewsMs, clock }: VitalsDeps): Promise<Vitals> {
  const now = clock.now()
  const storeTrouble = await troubleOf(health, now)
  const backlogs = await Promise.all(
    appIds().map(async (appId) => [appId, await health.backlog(appId).catch(() => null)] as const),
  )
  const known = backlogs.flatMap(([appId, backlog]) => (backlog === null ? [] : [{ appId, ...backlog }]))
  const queues = await health.queues().catch(() => ({ oldestDueAt: null, openAttempts: 0 }))
  const oldest = known.map(({ oldestAt }) => oldestAt).filter((at) => at !== null)
  const [skewMs = null] = [...skewsMs()].sort((a, b) => Math.abs(b) - Math.abs(a))
  return {
    storeTrouble,
    apps: new Map(known.map(({ appId, waiting, dead }) => [appId, { waiting, dead }])),
    waiting: known.reduce((sum, { waiting }) => sum + waiting, 0),
    dead: known.reduce((sum, { dead }) => sum + dead, 0),
    oldestWaitingMs: oldest.length === 0 ? 0 : Math.max(0, now - Math.min(...oldest)),
    overdueMs: queues.oldestDueAt === null ? 0 : Math.max(0, now - queues.oldestDueAt),
    openAttempts: queues.openAttempts,
    skewMs,
    space: await health.space().catch(() => null),
  }
}

async function troubleOf(health: VitalsDeps['health'], now: number): Promise<string | null> {
  const trouble = health.trouble()
  if (trouble !== null && trouble.kind !== 'failing') return SENTENCES[trouble.kind]
  try {
    await health.probeWrite(now)
    return null
  } catch {
    return SENTENCES.failing
  }
}

const SENTENCES = {
  gone: 'The database file is gone.',
  replaced: 'Another file lies in the place of the database.',
  cut_short: 'The database file was cut short.',
  overwritten: 'Somebody else wrote over the database file.',
  read_only: 'The database may not be written any more.',
  failing: 'The database takes no writes.',
} as const
