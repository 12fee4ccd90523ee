/** `tollbridge doctor`: looks at everything that an app needs, names each fault with its fix. */
import type { Command } from 'commander'
import { diagnosisJson } from '../admin/admin-json.ts'
import type { Check } from '../admin/doctor/check.ts'
import type { Workbench } from '../start/open-workbench.ts'
import type { CommandContext } from './command-context.ts'

interface DoctorOptions {
  readonly app?: string
  readonly json?: true
}

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('check keys, permissions, clock, webhook endpoint, signatures, queue and store')
    .option('--app <app-id>', 'the app; left out: every app')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 when nothing fails (warnings may stand), 1 when something fails, 2 for a wrong call.',
    )
    .action((options: DoctorOptions) => examine(options, context))
}

async function examine(options: DoctorOptions, context: CommandContext): Promise<void> {
  await context.withWorkbench(async (workbench) => {
    const appIds = options.app === undefined ? enabledApps(workbench) : [options.app]
    if (appIds.length === 0) {
      context.print('There is no app in this data folder yet: start the server once.')
      context.exitWith(1)
      return
    }
    const diagnoses = []
    for (const appId of appIds) {
      if (options.json !== true) context.print(`\n${appId}`)
      const onCheck = options.json === true ? undefined : (check: Check) => context.print(checkLines(check))
      diagnoses.push(await workbench.doctor(appId, onCheck))
    }
    const hasFailed = diagnoses.some(({ status }) => status === 'fail')
    if (options.json === true) {
      context.printJson({ object: 'list', has_more: false, data: diagnoses.map(diagnosisJson) })
    } else context.print(hasFailed ? '\nSomething fails; see above what to do.\n' : '\nNothing fails.\n')
    if (hasFailed) context.exitWith(1)
  })
}

function enabledApps({ registry }: Workbench): readonly string[] {
  return registry.records.filter(({ disabledAt }) => disabledAt === null).map(({ appId }) => appId)
}

function checkLines({ name, status, message, fix }: Check): string {
  const line = `  ${status.padEnd(5)} ${name.padEnd(17)} ${message}`
  return fix === null ? line : `${line}\n${' '.repeat(26)}${fix}`
}
