/** The command line: finds the command, runs it, and turns its outcome into an exit code (0 done, 1 failed, 2 usage). */
import { Command, CommanderError } from 'commander'
import { ConfigError, readConfig } from '../config.ts'
import { ServiceError } from '../errors.ts'
import { StartError } from '../start/start-error.ts'
import { addActivateCommand } from './activate-command.ts'
import { addAppsCommand } from './apps-command.ts'
import { addAuditCommand } from './audit-command.ts'
import { addBackupCommand } from './backup-command.ts'
import { createContext, type Terminal } from './command-context.ts'
import { addDoctorCommand } from './doctor-command.ts'
import { addEventsCommand } from './events-command.ts'
import { addForgetCommand } from './forget-command.ts'
import { addKeysCommand } from './keys-command.ts'
import { addRestoreCommand } from './restore-command.ts'
import { addSecretsCommand } from './secrets-command.ts'
import { addStartCommand } from './start-command.ts'
import { UsageError } from './usage-error.ts'

export interface CliOptions {
  /** The words after the program's name. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
}

/** @returns the exit code. `start` returns once the server runs, and the process lives on. */
export async function runCli({ args, env, terminal }: CliOptions): Promise<number> {
  let exitCode = 0
  const context = createContext({
    terminal,
    config: () => readConfig(env),
    exitWith: (code) => {
      exitCode = code
    },
  })
  const program = new Command('tollbridge')
    .description('A self-hosted Stripe integration that any web or mobile app can call.')
    .addHelpText(
      'after',
      '\nSettings come from the environment; docs/reference/config.md lists them. Commands work on the data folder\n(TOLLBRIDGE_DATA_DIR), beside a running server or without one.',
    )
    .showHelpAfterError('(tollbridge --help lists the commands)')
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
    .exitOverride()
  addStartCommand(program, context)
  addActivateCommand(program, context)
  addDoctorCommand(program, context)
  addAppsCommand(program, context)
  addKeysCommand(program, context)
  addSecretsCommand(program, context)
  addEventsCommand(program, context)
  addForgetCommand(program, context)
  addBackupCommand(program, context)
  addRestoreCommand(program, context)
  addAuditCommand(program, context)
  const [word] = args
  if (word !== undefined && !word.startsWith('-') && !knows(program, word)) {
    terminal.stderr.write(`There is no command ${word.slice(0, 50)}; tollbridge --help lists them.\n`)
    return 2
  }
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    return exitCodeOf(error, terminal)
  }
}

function knows(program: Command, word: string): boolean {
  return word === 'help' || program.commands.some((command) => command.name() === word)
}

function exitCodeOf(error: unknown, { stderr }: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof UsageError) {
    stderr.write(`${error.message}\n`)
    return 2
  }
  if (error instanceof ConfigError || error instanceof StartError) stderr.write(`\n${error.message}\n`)
  else if (error instanceof ServiceError) stderr.write(`${error.message}\n`)
  else stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return 1
}
