/** `tollbridge secrets rotate`: a new master key, and everything sealed again with it. */
import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { rotateSecrets } from '../secrets/rotate-secrets.ts'
import type { CommandContext, Terminal } from './command-context.ts'

export function addSecretsCommand(program: Command, context: CommandContext): void {
  program
    .command('secrets')
    .description('the master key that seals the secrets in the database')
    .command('rotate')
    .description('seal everything again with a new master key')
    .addHelpText(
      'after',
      '\nWith a key file, a new key is made and put first; a running server notices by itself.\nWith TOLLBRIDGE_KEY, first put a new key before the old one (new,old), restart, and run this;\nthen take the old one out.',
    )
    .action(() => rotate(context))
}

async function rotate({ withWorkbench, print, terminal }: CommandContext): Promise<void> {
  await withWorkbench(async ({ store, sealer, keyring }) => {
    const progress = progressBar(terminal)
    const { resealed, untouched } = await rotateSecrets({
      secrets: store.secrets,
      sealer,
      keyring,
      onProgress: progress.show,
    }).finally(progress.end)
    print(`Sealed again: ${resealed}. Left as they were: ${untouched} (references, or sealed with this key).`)
    if (keyring.source === 'environment') {
      print('The key is the first of TOLLBRIDGE_KEY. The others are not needed any more.')
    }
  })
}

/** Shows itself on a terminal only, and beside the answer. */
function progressBar({ stderr }: Terminal) {
  const bar = new SingleBar({
    format: '  Sealing {bar} {value}/{total}',
    stream: stderr,
    clearOnComplete: true,
  })
  const isShown = stderr.isTTY === true
  return {
    show(done: number, total: number) {
      if (!isShown) return
      if (done === 1) bar.start(total, 0)
      bar.update(done)
    },
    end: () => bar.stop(),
  }
}
