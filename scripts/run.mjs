/** One door for every command: brings Node 24 and the packages, builds what is stale, then runs the task. */
// Plain JavaScript without packages: it runs on any Node from 20.19 on, before anything is installed.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from './setup/build.mjs'
import { envFileArguments } from './setup/env-file.mjs'
import { installPackages } from './setup/install-packages.mjs'
import { findNode24 } from './setup/node-24.mjs'
import { SetupError } from './setup/setup-error.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const [task = '', ...args] = process.argv.slice(2)
const startedBy = process.ppid

/**
 * What each command needs and runs. `packages`: `run` leaves out what only tests and checks need. `settings`: its one
 * step is the server, which takes its settings from `.env` too.
 */
const tasks = {
  start: { packages: 'run', build: true, settings: true, steps: [['packages/server/dist/main.js']] },
  build: { packages: 'run', build: true, steps: [] },
  dev: {
    packages: 'all',
    build: true,
    settings: true,
    steps: [['--watch', '--conditions=source', 'packages/server/src/main.ts']],
  },
  test: { packages: 'all', build: true, steps: [['node_modules/vitest/vitest.mjs', 'run']] },
  check: {
    packages: 'all',
    build: true,
    steps: [
      ['node_modules/@biomejs/biome/bin/biome', 'check', '.'],
      ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json'],
      ['--conditions=source', 'scripts/generate.ts', '--check'],
    ],
  },
  generate: { packages: 'all', steps: [['--conditions=source', 'scripts/generate.ts']] },
  format: { packages: 'all', steps: [['node_modules/@biomejs/biome/bin/biome', 'check', '--write', '.']] },
  example: { packages: 'run', build: true, steps: [['examples/dist/run-example.js']] },
  bench: { packages: 'all', build: true, steps: [['--conditions=source', 'bench/run.ts']] },
}

/** npm passes a SIGTERM to the shell between it and us, which ends without passing it on. Returns how to stop. */
function whenNpmIsGone(act) {
  if (process.env.npm_lifecycle_event === undefined) return () => {}
  const watch = setInterval(() => {
    if (process.ppid === startedBy) return
    clearInterval(watch)
    act()
  }, 250)
  return () => clearInterval(watch)
}

/** Runs a program in this terminal; resolves with its exit code. Ctrl-C reaches the program itself. */
function runHere(node, commandArgs) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, commandArgs, { cwd: root, stdio: 'inherit' })
    const stayForChild = () => {}
    const forward = () => child.kill('SIGTERM')
    const stopWatching = whenNpmIsGone(forward)
    process.on('SIGINT', stayForChild)
    process.on('SIGTERM', forward)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      stopWatching()
      process.off('SIGINT', stayForChild)
      process.off('SIGTERM', forward)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}

try {
  const plan = Object.hasOwn(tasks, task) ? tasks[task] : undefined
  if (plan === undefined)
    throw new SetupError(`There is no task "${task}". There are: ${Object.keys(tasks).join(', ')}.`)
  const node = await findNode24(root)
  await installPackages(root, node, plan.packages)
  if (plan.build) await build(root, node)
  const last = plan.steps.length - 1
  const before = plan.settings ? envFileArguments(root) : []
  for (const [index, step] of plan.steps.entries()) {
    const code = await runHere(node, [...before, ...step, ...(index === last ? args : [])])
    if (code !== 0) {
      process.exitCode = code
      break
    }
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`\n${error.message}`)
  process.exitCode = 1
}
