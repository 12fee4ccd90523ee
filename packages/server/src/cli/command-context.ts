/** What every command gets: the settings, the terminal, and the rows of the data folder while it works. */
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
