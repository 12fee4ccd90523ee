/** `tollbridge restore FILE`: a backup in the place of the database, and then what Stripe knows beyond it. */
import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { createLog } from '../log.ts'
import { compareWithStripe, declareRestored, restore } from '../start/restore.ts'
import type { CommandContext, Terminal } from './command-context.ts'
import { inMegabytes } from './megabytes.ts'
import { progressBar } from './progress-bar.ts'
import { UsageError } from './usage-error.ts'

interface RestoreOptions {
  readonly inPlace?: true
  readonly since?: string
  readonly compare: boolean
}

export function addRestoreCommand(program: Command, context: CommandContext): void {
  program
    .command('restore')
    .description('put a backup in the place of the database, and bring in what was paid since')
    .argument('[file]', 'what tollbridge backup made')
    .option('--in-place', 'the folder was put back by other means: leave the database, and compare it')
    .option('--since <time>', 'with --in-place: compare from this time on, such as 2026-11-30T12:00Z')
    .option('--no-compare', 'leave the comparison with Stripe to the next start')
    .addHelpText(
      'after',
      '\nThe server must be stopped. The old database is kept beside the new one. Until the comparison is done, each\nnew payment asks Stripe first whether its order is paid.',
    )
    .action((file: string | undefined, options: RestoreOptions) => run(file, options, context))
}

async function run(
  file: string | undefined,
  options: RestoreOptions,
  context: CommandContext,
): Promise<void> {
  const config = context.config()
  if ((file === undefined) !== (options.inPlace === true)) {
    throw new UsageError(
      'Name the backup to restore, or say --in-place for a folder that was put back already.',
    )
  }
  if (file === undefined) await declareRestored(config, seconds(options.since))
  else if (options.since !== undefined)
    throw new UsageError('--since goes with --in-place: a backup knows its time.')
  else await putBack(file, config, context)
  if (options.compare) await compare(config, context)
  else context.print('The next start compares with Stripe before it serves anybody.')
}

async function putBack(file: string, config: Config, { terminal, print }: CommandContext): Promise<void> {
  const progress = progressBar(terminal, 'Restoring')
  const restored = await restore(config, { from: file, onPages: progress.show }).finally(progress.end)
  const newest =
    restored.newestEvent === null ? '' : `, up to ${new Date(restored.newestEvent * 1000).toISOString()}`
  print(`Restored ${file}: ${inMegabytes(restored.bytes)}, ${restored.events} events${newest}.`)
  if (restored.kept !== null)
    print(`The database that was there is ${restored.kept} now; remove it when all is well.`)
}

async function compare(config: Config, context: CommandContext): Promise<void> {
  // What came of it is said below, in words for the person at the terminal.
  const log = createLog(config.LOG_LEVEL === 'silent' ? 'silent' : 'error', process.stderr)
  const counter = paymentCounter(context.terminal)
  const settled = await compareWithStripe(config, log, counter.show).finally(counter.end)
  for (const { appId, compared, events, payments, orders, failure } of settled) {
    context.print(
      failure === null
        ? `${appId}: level with Stripe. ${compared} payments compared; ${events} events, ${payments} payments and ${orders} orders came in.`
        : `${appId}: not compared yet (${failure}). The next start tries again before it serves anybody, and each new payment asks Stripe first.`,
    )
  }
  if (settled.some(({ failure }) => failure !== null)) context.exitWith(1)
}

function seconds(time: string | undefined): number | null {
  if (time === undefined) return null
  const milliseconds = Date.parse(time)
  if (Number.isNaN(milliseconds)) throw new UsageError('--since must be a time such as 2026-11-30T12:00Z.')
  return Math.floor(milliseconds / 1000)
}

/** How many there are, Stripe does not say beforehand. */
function paymentCounter({ stderr }: Terminal) {
  const bar = new SingleBar({
    format: '  Comparing with Stripe: {value} payments',
    stream: stderr,
    clearOnComplete: true,
  })
  const isShown = stderr.isTTY === true
  if (isShown) bar.start(0, 0)
  return { show: (compared: number) => bar.update(compared), end: () => bar.stop() }
}
