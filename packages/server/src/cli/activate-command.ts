/** `tollbridge activate`: connects an app to a Stripe account. */
import type { Command } from 'commander'
import type { Activation } from '../admin/activate.ts'
import { activationJson } from '../admin/admin-json.ts'
import { aligned } from './app-lines.ts'
import type { CommandContext } from './command-context.ts'
import { readSecret } from './read-secret.ts'
import { UsageError } from './usage-error.ts'

interface ActivateOptions {
  readonly app?: string
  readonly secretKey?: string
  readonly publishableKey?: string
  readonly publicUrl?: string
  readonly currency?: string
  readonly signingSecret?: string
  readonly apiBase?: string
  readonly replace?: true
  readonly json?: true
}

const SECRET_FORMS = 'as given, env:NAME, file:/path, or - to read it from standard input'

export function addActivateCommand(program: Command, context: CommandContext): void {
  program
    .command('activate')
    .description('connect an app to a Stripe account: check the keys, find or make the webhook endpoint')
    .option('--app <app-id>', 'the app; left out: the only one of the key’s mode, or a new one')
    .option('--secret-key <key>', `the secret or restricted key of Stripe: ${SECRET_FORMS}`)
    .option('--publishable-key <key>', 'the publishable key of the same account and mode')
    .option('--public-url <url>', 'where Stripe reaches this server, such as https://pay.example.com')
    .option('--currency <code>', 'the currency of a charge that names none, such as usd')
    .option('--signing-secret <secret>', `of a webhook endpoint that is there already: ${SECRET_FORMS}`)
    .option('--replace', 'make a new webhook endpoint and delete the one that is there')
    .option('--api-base <url>', 'another address for the Stripe API, for tests and egress proxies')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nWhat is left out stays as an earlier activation set it. Running it again changes nothing.\nA running server takes the change over within a second.',
    )
    .action((options: ActivateOptions) => activate(options, context))
}

async function activate(options: ActivateOptions, context: CommandContext): Promise<void> {
  if (options.secretKey === '-' && options.signingSecret === '-') {
    throw new UsageError('Only one secret can come from standard input.')
  }
  const secret = async (given: string | undefined, what: string) =>
    given === undefined ? undefined : readSecret(given, what, context.terminal)
  const secretKey = await secret(options.secretKey, 'Secret key of Stripe')
  const signingSecret = await secret(options.signingSecret, 'Signing secret')
  await context.withWorkbench(async ({ activate: run, registry }) => {
    if (options.json !== true) context.print('Asking Stripe about the keys and the webhook endpoints …')
    const wanted = {
      appId: options.app,
      secretKey,
      publishableKey: options.publishableKey,
      publicUrl: options.publicUrl?.replace(/\/$/, ''),
      currency: options.currency?.toLowerCase(),
      signingSecret,
      apiBase: options.apiBase?.replace(/\/$/, ''),
      replace: options.replace,
    }
    const activation = await run(wanted, context.by())
    if (options.json === true) context.printJson(activationJson(activation, registry))
    else context.print(summary(activation))
  })
}

function summary({ record, newServerKey, endpoint, endpointOutcome, changed, warnings }: Activation): string {
  const facts = aligned([
    ['App id', record.appId],
    ['Client key', `${record.clientKeys[0]}   (public, goes into pages)`],
    ...(newServerKey === null
      ? []
      : [['Server key', `${newServerKey}\n(secret; shown this once, so keep it now)`] as const]),
    ['Stripe account', record.stripeAccountId ?? 'not shown to this restricted key'],
    ['Webhooks', `${endpoint.url}\n${endpoint.id}, ${endpointOutcome}`],
    ['Changed', changed.length === 0 ? 'nothing, all was in place' : changed.join(', ')],
  ])
  return [
    `\nThe app is active in ${record.mode} mode.\n`,
    facts,
    ...warnings.map((warning) => `\nWarning: ${warning}`),
    `\nCheck it with  tollbridge doctor --app ${record.appId}`,
    `To make it the default app, without the local Stripe, start with  APP_ID=${record.appId}\n`,
  ].join('\n')
}
