/** What every command gets: the settings, the terminal, and the rows of the data folder while it works. */
import { userInfo } from 'node:os'
import type { ChangedBy } from '../access/actor.ts'
import type { Config } from '../config.ts'
import { createLog } from '../log.ts'
import { openWorkbench, type Workbench } from '../start/open-workbench.ts'

export interface Terminal {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly stdin: NodeJS.ReadableStream
}

export interface CommandContext {
  readonly terminal: Terminal
  /** Reads the settings. Throws ConfigError. */
  config(): Config
  /** Prints a line for the person at the terminal. */
  print(line: string): void
  /** Prints one JSON document, for scripts. */
  printJson(value: unknown): void
  /** Sets the exit code of the process; 0 unless told. */
  exitWith(code: number): void
  /** Whose command it is, for the audit trail. */
  by(): ChangedBy
  /** Runs `work` with the rows open, and closes them whatever happens. */
  withWorkbench(work: (workbench: Workbench) => Promise<void>): Promise<void>
}

export interface ContextOptions {
  readonly terminal: Terminal
  config(): Config
  exitWith(code: number): void
}

export function createContext({ terminal, config, exitWith }: ContextOptions): CommandContext {
  return {
    terminal,
    config,
    exitWith,
    by: () => ({ actor: { kind: 'command_line', id: userName() }, address: null }),
    print: (line) => void terminal.stdout.write(`${line}\n`),
    printJson: (value) => void terminal.stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    async withWorkbench(work) {
      const settings = config()
      const workbench = await openWorkbench(settings, createLog(settings.LOG_LEVEL, process.stderr))
      try {
        await work(workbench)
      } finally {
        await workbench.close()
      }
    },
  }
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
