/** `tollbridge backup FILE`: the database in one file, whole, beside a running server or without one. */
import type { Command } from 'commander'
import { backUp } from '../start/back-up.ts'
import type { CommandContext } from './command-context.ts'
import { inMegabytes } from './megabytes.ts'
import { progressBar } from './progress-bar.ts'

export function addBackupCommand(program: Command, context: CommandContext): void {
  program
    .command('backup')
    .description('copy the database into one file, whole, also while the server runs')
    .argument('<file>', 'where to; its folder has to be there')
    .option('--force', 'replace the file where it is there already')
    .addHelpText(
      'after',
      '\nThe master key that opens the secrets in it is not in the file: keep a copy of the key elsewhere.\ndocs/backup.md has the whole of it.',
    )
    .action((file: string, options: { force?: true }) => run(file, options.force === true, context))
}

async function run(file: string, force: boolean, context: CommandContext): Promise<void> {
  const config = context.config()
  const progress = progressBar(context.terminal, 'Copying')
  const facts = await backUp(config, { to: file, force, onPages: progress.show }).finally(progress.end)
  context.print(
    `Backed up to ${file}: ${inMegabytes(facts.bytes)}, ${facts.events} events and ${facts.payments} payments of ${facts.apps} ${facts.apps === 1 ? 'app' : 'apps'}; read through, and whole.`,
  )
  const key = config.TOLLBRIDGE_KEY === undefined ? 'the key file' : 'TOLLBRIDGE_KEY'
  context.print(
    `The master key (${key}) is not in it. Keep a copy of the key in another place: without it, the secrets in this file open for nobody.`,
  )
}
