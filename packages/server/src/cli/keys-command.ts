/** `tollbridge keys`: client keys, server keys, signing secrets and the operator key. */
import { type Command, InvalidArgumentError } from 'commander'
import { SCOPES, type Scope } from '../access/scopes.ts'
import { serverKeyJson, signingSecretJson } from '../admin/admin-json.ts'
import { parseInput, rollSchema, signingSecretSchema } from '../admin/schema.ts'
import { serverKeyNamed } from '../apps/manage-keys.ts'
import { serverKeyLine, signingSecretLine } from './app-lines.ts'
import type { CommandContext } from './command-context.ts'
import { readSecret } from './read-secret.ts'
import { scopeList } from './scope-list.ts'

const SECRET = 'whsec_…, env:NAME, file:/path, or - to read it from standard input'

export function addKeysCommand(program: Command, context: CommandContext): void {
  const keys = program.command('keys').description('rotate the keys of an app, roll its signing secrets')
  addClientAndServerKeys(keys, context)
  addPassthrough(keys, context)
  addSigningSecrets(keys, context)
  keys
    .command('rotate-operator')
    .description('make a new operator key, shown once; those before open nothing any more')
    .action(() =>
      context.withWorkbench(async (workbench) => {
        context.print(await workbench.replaceOperatorKeys(context.by()))
      }),
    )
}

function addClientAndServerKeys(keys: Command, { withWorkbench, print, by }: CommandContext): void {
  keys
    .command('rotate-client <app-id>')
    .description('make a new client key; the old one is valid until it is retired')
    .action((appId: string) =>
      withWorkbench(async ({ manager }) =>
        print((await manager.rotateClientKey(appId, by())).clientKeys[0] ?? ''),
      ),
    )
  keys
    .command('retire-client <app-id> <client-key>')
    .description('end a client key')
    .action((appId: string, clientKey: string) =>
      withWorkbench(async ({ manager }) => {
        await manager.retireClientKey(appId, clientKey, by())
        print('The client key is retired.')
      }),
    )
  keys
    .command('add-server <app-id>')
    .description('make another server key, shown once')
    .option('--name <name>', 'a name for people')
    .option('--scopes <scopes>', `what it may do: ${SCOPES.join(',')}; all but admin unless told`, scopeList)
    .action((appId: string, wanted: { name?: string; scopes?: readonly Scope[] }) =>
      withWorkbench(async ({ manager }) => {
        const { key, keyId, serverKey } = await manager.addServerKey(appId, wanted, by())
        print(`${serverKey}   (${keyId}: ${key.scopes.join(', ') || 'no scope'})`)
      }),
    )
  keys
    .command('scopes <app-id> <key-id>')
    .description('show or change what a server key may do')
    .option('--add <scopes>', 'give it these as well', scopeList)
    .option('--remove <scopes>', 'take these away, from the keys that it made too', scopeList)
    .action((appId: string, keyId: string, options: { add?: readonly Scope[]; remove?: readonly Scope[] }) =>
      withWorkbench(async ({ manager, registry }) => {
        const held = serverKeyNamed(registry.record(appId).serverKeys, keyId)
        const { add = [], remove = [] } = options
        const scopes = [...held.scopes, ...add].filter((scope) => !remove.includes(scope))
        const isShown = add.length === 0 && remove.length === 0
        const key = isShown ? held : await manager.changeServerKey(appId, keyId, { scopes }, by())
        print(serverKeyLine(serverKeyJson(key)))
      }),
    )
  keys
    .command('revoke-server <app-id> <key-id>')
    .description('end a server key and those that it made; tollbridge apps show lists their ids')
    .action((appId: string, keyId: string) =>
      withWorkbench(async ({ manager }) => {
        await manager.revokeServerKey(appId, keyId, by())
        print('The server key is revoked.')
      }),
    )
}

const RULES =
  'what counts from now on, in order; the last that fits a call decides: default, "GET /v1/customers*", "!POST /v1/payouts"'

function addPassthrough(keys: Command, { withWorkbench, print, by }: CommandContext): void {
  keys
    .command('passthrough <app-id> <key-id> [rules...]')
    .description(`show or change which calls to Stripe a server key may make: ${RULES}`)
    .action((appId: string, keyId: string, rules: string[]) =>
      withWorkbench(async ({ keyRules }) => {
        const { inFull } =
          rules.length === 0
            ? await keyRules.show(appId, keyId)
            : await keyRules.change(appId, keyId, rules, by())
        print(inFull.join('\n'))
      }),
    )
}

function addSigningSecrets(keys: Command, { withWorkbench, print, terminal, by }: CommandContext): void {
  keys
    .command('signing-secrets <app-id>')
    .description('list the signing secrets of an app, without the secrets')
    .action((appId: string) =>
      withWorkbench(async ({ signingSecrets, now }) => {
        const lines = signingSecrets.list(appId).map((it) => signingSecretLine(signingSecretJson(it, now())))
        print(lines.join('\n') || 'The store holds none.')
      }),
    )
  keys
    .command('add-signing-secret <app-id> <secret>')
    .description(`add a signing secret beside those that count: ${SECRET}`)
    .action(async (appId: string, given: string) => {
      const { signing_secret } = parseInput(signingSecretSchema, {
        signing_secret: await readSecret(given, 'Signing secret', terminal),
      })
      await withWorkbench(async ({ signingSecrets }) =>
        print((await signingSecrets.add(appId, signing_secret, null, by())).id),
      )
    })
  keys
    .command('roll-signing-secret <app-id> <secret>')
    .description(`add a signing secret and end those before after an overlap: ${SECRET}`)
    .option('--overlap <seconds>', 'how long the old ones still count', wholeNumber, 86_400)
    .action(async (appId: string, given: string, { overlap }: { overlap: number }) => {
      const { signing_secret, overlap_seconds } = parseInput(rollSchema, {
        signing_secret: await readSecret(given, 'Signing secret', terminal),
        overlap_seconds: overlap,
      })
      await withWorkbench(async ({ signingSecrets }) => {
        const options = { endpointId: null, overlapSeconds: overlap_seconds }
        print((await signingSecrets.roll(appId, signing_secret, options, by())).id)
      })
    })
  keys
    .command('retire-signing-secret <app-id> <id>')
    .description('end a signing secret at once')
    .action((appId: string, id: string) =>
      withWorkbench(async ({ signingSecrets }) => {
        await signingSecrets.retire(appId, id, by())
        print('The signing secret is retired.')
      }),
    )
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number of seconds.')
}
