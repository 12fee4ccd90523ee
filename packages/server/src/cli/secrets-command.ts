/** `tollbridge secrets rotate`: a new master key, and everything sealed again with it. */
import type { Command } from 'commander'
import { rotateSecrets } from '../secrets/rotate-secrets.ts'
import type { CommandContext } from './command-context.ts'
import { progressBar } from './progress-bar.ts'

export function addSecretsCommand(program: Command, context: CommandContext): void {
  const secrets = program
    .command('secrets')
    .description('the master key that seals the secrets in the database')
  secrets
    .command('discard-unreadable')
    .description('after the loss of a master key: take away what nobody can open any more')
    .addHelpText(
      'after',
      '\nStart the server and activate the apps again afterwards. Watch tokens that were given out end.',
    )
    .action(() => discard(context))
  secrets
    .command('rotate')
    .description('seal everything again with a new master key')
    .addHelpText(
      'after',
      '\nWith a key file, a new key is made and put first; a running server notices by itself.\nWith TOLLBRIDGE_KEY, first put a new key before the old one (new,old), restart, and run this;\nthen take the old one out.',
    )
    .action(() => rotate(context))
}

async function rotate({ withWorkbench, print, terminal, by }: CommandContext): Promise<void> {
  await withWorkbench(async ({ store, sealer, keyring, now }) => {
    const progress = progressBar(terminal, 'Sealing')
    const { resealed, untouched } = await rotateSecrets({
      secrets: store.secrets,
      sealer,
      keyring,
      onProgress: progress.show,
    }).finally(progress.end)
    await store.auditTrail.add({
      ...by(),
      at: now(),
      appId: null,
      action: 'master_key.rotated',
      target: null,
      details: { source: keyring.source, resealed },
    })
    print(`Sealed again: ${resealed}. Left as they were: ${untouched} (references, or sealed with this key).`)
    if (keyring.source === 'environment') {
      print('The key is the first of TOLLBRIDGE_KEY. The others are not needed any more.')
    }
  })
}

async function discard({ withWorkbench, print, by }: CommandContext): Promise<void> {
  await withWorkbench(async ({ discardUnreadable, store, now }) => {
    const discarded = await discardUnreadable()
    const told = { ...by(), at: now(), action: 'secrets.discarded', target: null } as const
    for (const { appId, name } of discarded) await store.auditTrail.add({ ...told, appId, details: { name } })
    for (const { appId, name } of discarded) print(`Taken away: ${name} of ${appId}`)
    print(
      discarded.length === 0
        ? 'Every secret can be opened; nothing was taken away.'
        : 'Activate the apps again.',
    )
  })
}
