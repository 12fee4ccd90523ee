#!/usr/bin/env node
/** The process: hands its words, settings and terminal to the command line. */

const NEEDED = 24
const { argv, env, stdin, stdout, stderr, versions } = process
if (Number.parseInt(versions.node, 10) < NEEDED) {
  // Before anything else is loaded: an older Node fails in the middle of that, in words that help nobody.
  stderr.write(
    `Tollbridge needs Node ${NEEDED} or later, and this is ${versions.node}. In a clone of it, npm start brings that by itself.\n`,
  )
  process.exitCode = 1
} else {
  const { runCli } = await import('./cli/run-cli.ts')
  process.exitCode = await runCli({ args: argv.slice(2), env, terminal: { stdin, stdout, stderr } })
}
