/** `tollbridge apps`: makes, lists, shows, disables and enables apps. */
import { type Command, Option } from 'commander'
import { SCOPES, type Scope } from '../access/scopes.ts'
import { appJson } from '../admin/admin-json.ts'
import { newAppSchema, parseInput } from '../admin/schema.ts'
import { aligned, appLine, appLines } from './app-lines.ts'
import type { CommandContext } from './command-context.ts'
import { scopeList } from './scope-list.ts'

interface CreateOptions {
  readonly mode: string
  readonly name?: string
  readonly appId?: string
  readonly currency?: string
  readonly scopes?: readonly Scope[]
}

export function addAppsCommand(program: Command, context: CommandContext): void {
  const apps = program.command('apps').description('the apps of this server, each with a Stripe account')

  apps
    .command('list', { isDefault: true })
    .description('list the apps')
    .option('--json', 'print them as JSON')
    .action(({ json }: { json?: true }) =>
      context.withWorkbench(async ({ registry }) => {
        const shown = registry.records.map((app) => appJson(app, registry))
        if (json === true) context.printJson({ object: 'list', has_more: false, data: shown })
        else context.print(shown.map(appLine).join('\n') || 'There is no app yet: start the server once.')
      }),
    )

  apps
    .command('create')
    .description('make an app for a Stripe account; its server key is shown once')
    .addOption(
      new Option('--mode <mode>', 'the mode of its Stripe account, for good')
        .choices(['test', 'live'])
        .makeOptionMandatory(),
    )
    .option('--name <name>', 'a name for people')
    .option('--app-id <id>', 'an id that clients carry already; left out: made')
    .option('--currency <code>', 'the currency of a charge that names none')
    .option(
      '--scopes <scopes>',
      `what its server key may do: ${SCOPES.join(',')}; all but admin unless told`,
      scopeList,
    )
    .action((options: CreateOptions) =>
      context.withWorkbench(async ({ manager }) => {
        const input = parseInput(newAppSchema, {
          mode: options.mode,
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.appId === undefined ? {} : { app_id: options.appId }),
          ...(options.currency === undefined ? {} : { currency: options.currency }),
          ...(options.scopes === undefined ? {} : { scopes: options.scopes }),
        })
        const { record, serverKey } = await manager.create({ ...input, appId: input.app_id }, context.by())
        context.print(
          aligned([
            ['App id', record.appId],
            ['Client key', `${record.clientKeys[0]}   (public, goes into pages)`],
            ['Server key', `${serverKey}\n(secret; shown this once, so keep it now)`],
            ['It may', record.serverKeys[0]?.scopes.join(', ') || 'do nothing: it has no scope'],
            ['Next', `tollbridge activate --app ${record.appId} …`],
          ]),
        )
      }),
    )

  apps
    .command('show <app-id>')
    .description('show an app')
    .option('--json', 'print it as JSON')
    .action((appId: string, { json }: { json?: true }) =>
      context.withWorkbench(async ({ registry }) => {
        const app = appJson(registry.record(appId), registry)
        if (json === true) context.printJson(app)
        else context.print(appLines(app))
      }),
    )

  for (const [change, done] of [
    ['disable', 'is disabled: its keys open nothing; its webhooks are still stored'],
    ['enable', 'is enabled'],
  ] as const) {
    apps
      .command(`${change} <app-id>`)
      .description(`${change} an app`)
      .action((appId: string) =>
        context.withWorkbench(async ({ manager }) => {
          await manager[change](appId, context.by())
          context.print(`The app ${appId} ${done}.`)
        }),
      )
  }
}
