/** Runs the product as its users do, as a process of its own, and reads what it prints. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { settings } from '../../packages/server/src/config.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface ProductProcess {
  readonly child: ChildProcess
  /** Everything printed so far. */
  stdout(): string
  stderr(): string
  /** Resolves when standard output holds `text`; rejects when the process ends before. */
  printed(text: string | RegExp): Promise<void>
  /** Resolves with the exit code; null after a signal that it did not handle. */
  readonly exited: Promise<number | null>
}

/** Starts `main.ts` from the sources; no setting reaches it but those in `env`. */
export function startProduct(env: Readonly<Record<string, string>>): ProductProcess {
  return run(process.execPath, ['--conditions=source', 'packages/server/src/main.ts'], env)
}

/** Starts `npm start` itself: set-up, build and all. */
export function npmStart(env: Readonly<Record<string, string>>): ProductProcess {
  return run(process.execPath, ['scripts/run.mjs', 'start'], env)
}

/** The same as its users type it: npm, and the shell that npm puts between, around the set-up. */
export function npmStartByNpm(env: Readonly<Record<string, string>>): ProductProcess {
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`
  return run('npm', ['start'], { ...env, PATH })
}

function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ProductProcess {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...withoutSettings(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  const note = () => {
    for (const check of waiting) check()
  }
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk)
    note()
  })
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk)
  })
  let hasExited = false
  const exited = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      hasExited = true
      resolve(code)
      note()
    })
  })
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    exited,
    printed(text) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const isThere = typeof text === 'string' ? stdout.includes(text) : text.test(stdout)
          if (!isThere && !hasExited) return
          waiting.delete(check)
          if (isThere) resolve()
          else reject(new Error(`The process ended without printing ${text}:\n${stdout}\n${stderr}`))
        }
        waiting.add(check)
        check()
      })
    },
  }
}

/** Settings that somebody has in the environment or in `.env` are blank here, which is the same as unset. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, ...Object.fromEntries(Object.keys(settings).map((name) => [name, ''])) }
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject()))
    })
  })
}

/** A folder that `remove` takes away again. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'tollbridge-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
