/** `tollbridge audit`: who changed what, when and from where. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { actorText } from '../access/actor.ts'
import { auditJson } from '../admin/audit-routes.ts'
import { AUDIT_ACTIONS, type AuditAction, type AuditRow } from '../store/audit-trail-store.ts'
import type { CommandContext } from './command-context.ts'

interface AuditOptions {
  readonly app?: string
  readonly action?: AuditAction
  readonly target?: string
  readonly since?: number
  readonly limit: number
  readonly json?: true
}

export function addAuditCommand(program: Command, context: CommandContext): void {
  program
    .command('audit')
    .description(
      'show who changed what of keys, secrets, prices, brake, activation and rules; the newest first',
    )
    .option('--app <app-id>', 'of one app; left out: of all, and of the server itself')
    .addOption(new Option('--action <action>', 'of one kind').choices([...AUDIT_ACTIONS]))
    .option('--target <id>', 'of what was changed, such as key_…')
    .option('--since <time>', 'not before this time, such as 2026-12-01 or 2026-12-01T08:00:00Z', time)
    .option('--limit <number>', 'how many at most', wholeNumber, 50)
    .option('--json', 'print them as JSON')
    .action((options: AuditOptions) => show(options, context))
}

async function show(
  options: AuditOptions,
  { withWorkbench, print, printJson }: CommandContext,
): Promise<void> {
  await withWorkbench(async ({ store, registry }) => {
    const rows = await store.auditTrail.list({
      appId: options.app === undefined ? null : registry.record(options.app).appId,
      action: options.action ?? null,
      actorKind: null,
      actorId: null,
      target: options.target ?? null,
      from: options.since ?? null,
      until: null,
      before: null,
      limit: options.limit + 1,
    })
    const shown = rows.slice(0, options.limit)
    const has_more = rows.length > shown.length
    if (options.json === true) printJson({ object: 'list', has_more, data: shown.map(auditJson) })
    else if (shown.length === 0) print('Nothing of this kind was changed.')
    else print(shown.map(line).join('\n'))
  })
}

function line({ at, actor, address, appId, action, target, details }: AuditRow): string {
  const facts = Object.entries(details).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const from = address === null ? '' : ` from ${address}`
  return [
    new Date(at).toISOString(),
    action.padEnd(25),
    appId ?? '(server)',
    target === null || target === appId ? '' : target,
    `by ${actorText(actor)}${from}`,
    ...facts,
  ]
    .filter((part) => part !== '')
    .join('  ')
}

function time(text: string): number {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  throw new InvalidArgumentError('It must be a time such as 2026-12-01.')
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 to 9999.')
}
