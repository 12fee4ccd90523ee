/** `tollbridge events`: what became of the events in the log, and handling anew what was given up. */
import { type Command, InvalidArgumentError } from 'commander'
import type { Workbench } from '../start/open-workbench.ts'
import type { HandlingState, StoredEvent } from '../store/event-store.ts'
import type { CommandContext } from './command-context.ts'
import { progressBar } from './progress-bar.ts'
import { UsageError } from './usage-error.ts'

interface FilterOptions {
  readonly app?: string
  readonly where?: string
  readonly type?: string
  readonly from?: number
  readonly to?: number
}

interface ListOptions extends FilterOptions {
  readonly state?: HandlingState
  readonly limit: number
  readonly json?: true
}

interface ReplayOptions extends FilterOptions {
  readonly state?: 'dead' | 'failed'
  readonly dryRun?: true
}

export function addEventsCommand(program: Command, context: CommandContext): void {
  const events = program.command('events').description('list stored events, and have dead ones handled again')
  withFilter(events.command('list'))
    .description('list events, the newest first')
    .option(
      '--state <state>',
      'received, handled, failed or dead',
      oneOf('received', 'handled', 'failed', 'dead'),
    )
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .option('--json', 'print them as JSON')
    .action((options: ListOptions) => list(options, context))
  withFilter(events.command('replay'))
    .description('have events handled again: by their ids (evt_…), or all that are dead or failed and fit')
    .argument('[event-ids...]', 'Stripe’s ids of events')
    .option(
      '--state <state>',
      'dead, or failed (those that wait for their next try)',
      oneOf('dead', 'failed'),
    )
    .option('--dry-run', 'only count')
    .addHelpText(
      'after',
      '\nA running server handles them within seconds; without one, the next start does. What is handled already stays\nas it is. Example: tollbridge events replay --state dead --type charge.succeeded --from 2026-11-21T08:00Z',
    )
    .action((ids: readonly string[], options: ReplayOptions) => replay(ids, options, context))
}

function withFilter(command: Command): Command {
  return command
    .option('--app <app-id>', 'the app; left out: every app')
    .option('--where <clause>', 'a condition over the columns, such as "orderId = \'order-1\'"')
    .option('--type <type>', 'one event type')
    .option('--from <time>', 'received at or after, such as 2026-11-21 or 2026-11-21T08:00Z', time)
    .option('--to <time>', 'received before', time)
}

async function list(options: ListOptions, context: CommandContext): Promise<void> {
  await context.withWorkbench(async (workbench) => {
    const found: { readonly event: StoredEvent; readonly state: string; readonly error: string | null }[] = []
    for (const appId of appsOf(options, workbench)) {
      for (const event of await workbench.listEvents(appId, options)) {
        const handling = await workbench.store.events.handling(event.position)
        const error = handling?.attempts.findLast((it) => it.error !== null)?.error ?? null
        found.push({ event, state: handling?.state ?? 'unknown', error })
      }
    }
    if (options.json === true) {
      const data = found.map(({ event, state, error }) => ({ ...summaryOf(event), state, error }))
      context.printJson({ object: 'list', data })
      return
    }
    for (const { event, state, error } of found) {
      const received = new Date(event.created).toISOString()
      context.print(`${received}  ${state.padEnd(8)} ${event.eventId}  ${event.type}  ${event.id}`)
      if (error !== null && state !== 'handled') context.print(`    ${error}`)
    }
    if (found.length === 0) context.print('No event fits.')
  })
}

function summaryOf({ appId, eventId, type, id, paymentIntentId, orderId, created }: StoredEvent) {
  return { appId, eventId, type, id, paymentIntentId, orderId, created }
}

async function replay(
  ids: readonly string[],
  options: ReplayOptions,
  context: CommandContext,
): Promise<void> {
  const isChosen = [options.state, options.where, options.type, options.from, options.to].some(
    (it) => it !== undefined,
  )
  if (ids.length > 0 === isChosen) {
    throw new UsageError(
      'Name events by their ids (evt_…), or choose them with --state, --where, --type, --from and --to: one of both.',
    )
  }
  await context.withWorkbench(async (workbench) => {
    if (ids.length > 0) await replayNamed(ids, options, workbench, context)
    else await replayChosen(options, workbench, context)
  })
}

async function replayNamed(
  ids: readonly string[],
  options: ReplayOptions,
  workbench: Workbench,
  context: CommandContext,
): Promise<void> {
  for (const id of ids) {
    const homes: string[] = []
    for (const appId of appsOf(options, workbench)) {
      if ((await workbench.store.events.findByEventId(appId, id)) !== null) homes.push(appId)
    }
    if (homes.length === 0) {
      context.print(`${id}: there is no such event in the log.`)
      context.exitWith(1)
    }
    for (const appId of homes) {
      const outcome = options.dryRun === true ? 'counted' : await workbench.replay.one(appId, id)
      context.print(`${appId}: ${id} ${SENTENCES[outcome]}`)
    }
  }
}

const SENTENCES = {
  counted: 'is in the log; it was not touched.',
  replayed: 'is handled again.',
  already_handled: 'is handled already, and stays as it is.',
  under_way: 'is being handled, or waits for its first try.',
} as const

async function replayChosen(
  options: ReplayOptions,
  workbench: Workbench,
  context: CommandContext,
): Promise<void> {
  const isDryRun = options.dryRun === true
  const { state = 'dead' } = options
  for (const appId of appsOf(options, workbench)) {
    const bar = progressBar(context.terminal, 'Replaying')
    const selection = { ...options, state, limit: Number.MAX_SAFE_INTEGER, isDryRun }
    const { matched, replayed } = await workbench.replay.all(appId, selection, bar.show).finally(bar.end)
    context.print(
      isDryRun
        ? `${appId}: ${matched} ${state} events would be handled again.`
        : `${appId}: ${replayed} of ${matched} ${state} events are handled again.`,
    )
  }
}

function appsOf({ app }: FilterOptions, { registry }: Workbench): readonly string[] {
  return app === undefined ? registry.records.map(({ appId }) => appId) : [registry.record(app).appId]
}

function time(text: string): number {
  const parsed = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(parsed)) return parsed
  throw new InvalidArgumentError('It must be a time such as 2026-11-21 or 2026-11-21T08:00Z.')
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 to 999999.')
}

function oneOf<const Word extends string>(...words: readonly Word[]) {
  return (text: string): Word => {
    const word = words.find((it) => it === text)
    if (word !== undefined) return word
    throw new InvalidArgumentError(`It must be ${words.join(', ')}.`)
  }
}
